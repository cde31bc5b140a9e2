// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/facade.hpp"
#include "netboot/api/gate.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

/// Reads the token from another header, as another panel's API may do.
class KeyHeader final : public Authentication {
public:
  explicit KeyHeader(Tokens tokens) : tokens_(tokens) {}
  [[nodiscard]] std::optional<Secret> proof_in(const http::Request& request) const override {
    const auto key = request.header("x-key");
    return key.empty() ? std::nullopt : std::optional<Secret>(std::in_place, std::string_view(key));
  }
  [[nodiscard]] Recognised recognise(const Secret& proof, const std::string& peer) override {
    return tokens_.recognise(proof.reveal(), peer);
  }
  [[nodiscard]] http::Response without_proof() const override { return refused("no key"); }
  [[nodiscard]] http::Response with_worthless_proof(const Recognised&) const override { return refused("wrong key"); }

private:
  static http::Response refused(const std::string& message) {
    ErrorReport report;
    report.code = ErrorCode::denied;
    report.message = message;
    return http::problem(report, 401);
  }

  Tokens tokens_;
};

/// Rewrites a problem to {"error": {"status", "message"}}.
http::Response short_error(const http::Response& problem) {
  const auto body = json::parse(problem.body);
  auto response = problem;
  response.content_type = "application/json";
  response.body = json{{"error", {{"status", body["status"]}, {"message", body["detail"]}}}}.dump();
  return response;
}

/// Two routes below the prefix of another API, and one of our own.
class Facades : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    admin_ = std::string(tokens().issue_first_admin().token.reveal());
    gate_ = std::make_unique<Gate>(router_, store(), std::make_shared<Allowances>(RequestLimits{}, clock_),
                                   std::make_shared<Refusals>());
    gate_->add_facade({"/v1/tokens", std::make_shared<KeyHeader>(tokens()), short_error});
    const auto works = [](const http::Request&, const Caller& caller) {
      http::Response response;
      response.body = caller.label;
      return response;
    };
    const auto fails = [](const http::Request&, const Caller&) -> http::Response {
      throw Error(ErrorCode::conflict, "not now", "Later.");
    };
    gate_->add("GET", "/v1/tokens", works);
    gate_->add("GET", "/v1/tokens/{id}", fails);
    gate_->add("GET", "/v1/audit", fails);
  }

  http::Response ask(const std::string& path, const std::map<std::string, std::string>& headers) const {
    http::Request request;
    request.method = "GET";
    request.path = path;
    request.peer = "192.0.2.99";
    for (const auto& [name, value] : headers) request.headers[name] = value;
    try {
      return router_.match(request).handler(request);
    } catch (const Error& error) {
      return http::problem(report_of(error));
    }
  }

  std::string admin_;
  http::Router router_;
  std::unique_ptr<Gate> gate_;
};

TEST_F(Facades, AskForProofInTheirOwnWay) {
  EXPECT_EQ(ask("/v1/tokens", {{"x-key", admin_}}).body, "admin");
  EXPECT_EQ(ask("/v1/tokens", {{"authorization", "Bearer " + admin_}}).status, 401U);
  EXPECT_EQ(ask("/v1/audit", {{"x-key", admin_}}).status, 401U);
}

TEST_F(Facades, WriteErrorsInTheirOwnWay) {
  const auto refused = ask("/v1/tokens", {});
  EXPECT_EQ(refused.status, 401U);
  EXPECT_EQ(json::parse(refused.body), json::parse(R"({"error": {"status": 401, "message": "no key"}})"));
  const auto failed = ask("/v1/tokens/k-1", {{"x-key", admin_}});
  EXPECT_EQ(failed.status, 409U);
  EXPECT_EQ(failed.content_type, "application/json");
  EXPECT_EQ(json::parse(failed.body), json::parse(R"({"error": {"status": 409, "message": "not now"}})"));
}

TEST_F(Facades, LeaveTheErrorsOfOthersAsTheyAre) {
  const auto failed = ask("/v1/audit", {{"authorization", "Bearer " + admin_}});
  EXPECT_EQ(failed.status, 409U);
  EXPECT_EQ(failed.content_type, "application/problem+json");
  EXPECT_EQ(json::parse(failed.body)["hint"], "Later.");
}

}  // namespace
}  // namespace rescue::netboot::api
