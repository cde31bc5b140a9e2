// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/access.hpp"
#include "tests/unit/netboot/api_under_test.hpp"
#include "tests/unit/netboot/sealed_by_maker.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

const std::pair<std::string, std::string> as_json{"content-type", "application/json"};

class LinkRoutes : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    servers().add(server_named("web-01", "52:54:00:00:00:01", "203.0.113.7"));
    servers().add(server_named("db-01", "52:54:00:00:00:02"));
    options_.key_file = folder_ + "/secrets.key";
    options_.limits.failed.rate = 0;
    make();
  }
  /// Returns the secret's number in the API.
  std::string keep(const SealedByMaker& made, const std::string& server = "web-01") {
    const auto response = as_admin("POST", "/v1/servers/" + server + "/secrets", made.body());
    EXPECT_EQ(response.status, 201U) << response.body;
    return body_of(response).value("id", "");
  }
  http::Response look(const SealedByMaker& made) { return ask("", "GET", "/v1/links/" + made.id); }
  http::Response reveal(const SealedByMaker& made, const json& body, Headers headers = {as_json}) {
    return ask("", "POST", "/v1/links/" + made.id + "/reveal", body, headers);
  }
  std::string detail(const http::Response& response) { return body_of(response).value("detail", ""); }
  json shown(const std::string& id) { return body_of(as_admin("GET", "/v1/secrets/" + id)); }
};

TEST_F(LinkRoutes, RevealOnceAndSayWhen) {
  const SealedByMaker made;
  const auto id = keep(made);
  const auto first = reveal(made, made.with(made.proof()));
  ASSERT_EQ(first.status, 200U) << first.body;
  EXPECT_EQ(made.opened(body_of(first)["sealed"]), sealed_text);
  const auto at = body_of(first)["revealed_at"].get<std::string>();
  clock_.advance(std::chrono::minutes(5));
  const auto second = reveal(made, made.with(made.proof()));
  EXPECT_EQ(second.status, 410U);
  EXPECT_EQ(detail(second), "the secret was revealed at " + at);
  const auto seen = shown(id);
  EXPECT_EQ(seen["state"], "revealed");
  EXPECT_EQ(seen["revealed_at"], at);
  EXPECT_EQ(seen["revealed_to"], peer_);
}

TEST_F(LinkRoutes, ShowVeryLittleAndChangeNothingOnGet) {
  const SealedByMaker made;
  const auto id = keep(made);
  for (int i = 0; i < 10; ++i) {
    const auto seen = look(made);
    ASSERT_EQ(seen.status, 200U);
    const auto body = body_of(seen);
    EXPECT_EQ(body, (json{{"needs_code", true}, {"expires_at", shown(id)["expires_at"]}, {"revealed_at", nullptr}}));
    EXPECT_EQ(ask("", "HEAD", "/v1/links/" + made.id).status, 200U);
  }
  EXPECT_EQ(shown(id)["state"], "waiting");
  EXPECT_GE(shown(id)["opened"], 10);
  for (const auto& [name, value] : look(made).headers) {
    EXPECT_FALSE(name.starts_with("Access-Control-")) << name;
    EXPECT_TRUE(name != "Cache-Control" || value == "no-store") << value;
  }
  const auto at = body_of(reveal(made, made.with(made.proof())))["revealed_at"];
  EXPECT_EQ(body_of(look(made))["revealed_at"], at);
}

TEST_F(LinkRoutes, DoNotLetARobotUseASecretUp) {
  const SealedByMaker made;
  const auto id = keep(made);
  const auto with = [&](const char* field, const json& value) {
    auto body = made.with();
    body[field] = value;
    return body;
  };
  const std::vector<json> malformed{made.with(),
                                    with("proof", nullptr),
                                    with("proof", ""),
                                    with("proof", "AAAA"),
                                    with("code", "12345678"),
                                    with("link_proof", nullptr),
                                    with("link_proof", "AAAA"),
                                    json{{"proof", made.with(made.proof())["proof"]}},
                                    json::object(),
                                    json::array(),
                                    json("text"),
                                    json()};
  for (const auto& body : malformed) EXPECT_EQ(reveal(made, body).status, 400U) << body;
  EXPECT_EQ(reveal(made, made.with(made.wrong_proof())).status, 403U);
  EXPECT_EQ(reveal(made, made.with(made.proof()), {{"content-type", "text/plain"}}).status, 400U)
      << "what a form of another site can send";
  for (const auto* const site : {"cross-site", "same-site"}) {
    EXPECT_EQ(reveal(made, made.with(made.proof()), {as_json, {"sec-fetch-site", site}}).status, 403U);
  }
  const auto seen = shown(id);
  EXPECT_EQ(seen["state"], "waiting");
  EXPECT_EQ(seen["wrong_codes"], 1) << "only a well-formed proof is a guess";
  EXPECT_EQ(seen["refused"], malformed.size() + 4);
  EXPECT_EQ(reveal(made, made.with(made.proof()), {as_json, {"sec-fetch-site", "same-origin"}}).status, 200U);
}

TEST_F(LinkRoutes, NeedAClickWithoutACode) {
  const SealedByMaker made(false);
  (void)keep(made);
  EXPECT_EQ(body_of(look(made))["needs_code"], false);
  const auto response = reveal(made, made.with());
  ASSERT_EQ(response.status, 200U) << response.body;
  EXPECT_EQ(made.opened(body_of(response)["sealed"]), sealed_text);
}

TEST_F(LinkRoutes, AreNotLockedByTheNameOfALink) {
  const SealedByMaker made;
  const SealedByMaker other;
  const auto id = keep(made);
  auto body = made.with(made.proof());
  body["link_proof"] = other.with()["link_proof"];
  for (int i = 0; i < 2 * most_wrong_codes; ++i) {
    const auto refused = reveal(made, body);
    EXPECT_EQ(refused.status, 403U);
    EXPECT_EQ(detail(refused), "the key of the link is wrong");
  }
  EXPECT_EQ(shown(id)["state"], "waiting");
  EXPECT_EQ(shown(id)["wrong_codes"], 0);
  EXPECT_EQ(reveal(made, made.with(made.proof())).status, 200U);
}

TEST_F(LinkRoutes, LockAfterFiveWrongCodes) {
  const SealedByMaker made;
  const auto id = keep(made);
  for (int left = 4; left >= 0; --left) {
    const auto refused = reveal(made, made.with(made.wrong_proof()));
    EXPECT_EQ(refused.status, 403U);
    EXPECT_EQ(body_of(refused)["hint"], left > 0 ? fmt::format("It can be tried {} more times.", left)
                                                 : "The link is locked: ask for a new one.");
  }
  const auto late = reveal(made, made.with(made.proof()));
  EXPECT_EQ(late.status, 410U);
  EXPECT_EQ(detail(late), "the link is locked after 5 wrong codes");
  EXPECT_EQ(shown(id)["state"], "locked");
}

TEST_F(LinkRoutes, RefuseAnExpiredAndARevokedLink) {
  const SealedByMaker expired;
  auto body = expired.body();
  body["ttl"] = "1m";
  ASSERT_EQ(as_admin("POST", "/v1/servers/web-01/secrets", body).status, 201U);
  clock_.advance(std::chrono::minutes(1));
  EXPECT_EQ(reveal(expired, expired.with(expired.proof())).status, 410U);
  EXPECT_EQ(look(expired).status, 200U) << "until the clean-up: it says when";

  const SealedByMaker revoked;
  const auto id = keep(revoked);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(as_admin("DELETE", "/v1/secrets/" + id).status, 204U);
  EXPECT_EQ(look(revoked).status, 410U);
  EXPECT_EQ(detail(reveal(revoked, revoked.with(revoked.proof()))), "the link was revoked");
  EXPECT_EQ(shown(id)["revoked_by"], "admin");
}

TEST_F(LinkRoutes, TakeSecretsThatAreSealedRightOnly) {
  const SealedByMaker made;
  const auto fault = [&](const char* pointer, const json& value) {
    auto body = made.body();
    body[json::json_pointer(pointer)] = value;
    const auto response = as_admin("POST", "/v1/servers/web-01/secrets", body);
    EXPECT_EQ(response.status, 400U) << pointer << " " << value;
    return detail(response);
  };
  EXPECT_NE(fault("/link", "short").find("22 characters"), std::string::npos);
  EXPECT_NE(fault("/link_verifier", nullptr).find("link_verifier"), std::string::npos);
  EXPECT_NE(fault("/link_verifier", "AAAA").find("32 bytes"), std::string::npos);
  EXPECT_NE(fault("/verifier", nullptr).find("verifier is missing"), std::string::npos);
  EXPECT_NE(fault("/verifier", "AAAA").find("32 bytes"), std::string::npos);
  EXPECT_NE(fault("/sealed/code", nullptr).find("is for a secret with a code"), std::string::npos);
  EXPECT_NE(fault("/sealed/box", "AAAA").find("box"), std::string::npos);
  EXPECT_NE(fault("/ttl", "59s").find("from 1m to 168h"), std::string::npos);
  EXPECT_NE(fault("/ttl", "169h").find("ttl"), std::string::npos);
  EXPECT_NE(fault("/key", std::string(made.key.reveal())).find("key"), std::string::npos);
  EXPECT_EQ(look(made).status, 404U) << "nothing was kept";
}

TEST_F(LinkRoutes, TakeSecretsOfPanelsAndHostAgentsForTheirServers) {
  const auto panel = token("panel-eu", Role::panel, {"web-01"});
  EXPECT_EQ(ask(panel, "POST", "/v1/servers/web-01/secrets", SealedByMaker(false).body()).status, 201U);
  EXPECT_EQ(ask(panel, "POST", "/v1/servers/db-01/secrets", SealedByMaker(false).body()).status, 404U);
  EXPECT_EQ(
      ask(token("ops", Role::operating), "POST", "/v1/servers/web-01/secrets", SealedByMaker(false).body()).status,
      403U);

  (void)leases().grant(web_, rescue_for(std::chrono::hours(1)));
  (void)boot();
  (void)begin_session("203.0.113.7");
  peer_ = "203.0.113.7";
  const SealedByMaker made;
  const auto response = ask("agent", "POST", "/v1/agent/secrets", made.body());
  ASSERT_EQ(response.status, 201U) << response.body;
  EXPECT_EQ(body_of(response)["server"], "web-01");
  EXPECT_EQ(body_of(response)["created_by"], "agent of web-01");
  EXPECT_EQ(ask("agent", "GET", "/v1/servers/web-01/secrets").status, 403U) << "it makes them, and nothing else";
  EXPECT_EQ(reveal(made, made.with(made.proof())).status, 200U);
}

TEST_F(LinkRoutes, HideSecretsOfOtherServers) {
  const auto theirs = keep(SealedByMaker(false), "db-01");
  const auto panel = token("panel-eu", Role::panel, {"web-01"});
  const auto other = ask(panel, "GET", "/v1/secrets/" + theirs);
  EXPECT_EQ(other.status, 404U);
  auto missing = ask(panel, "GET", "/v1/secrets/o-99").body;
  missing.replace(missing.find("o-99"), 4, theirs);
  EXPECT_EQ(other.body, missing) << "what is there and what is not must look the same";
  EXPECT_EQ(ask(panel, "DELETE", "/v1/secrets/" + theirs).status, 404U);
  EXPECT_EQ(shown(theirs)["state"], "waiting");
}

TEST_F(LinkRoutes, ListTheSecretsOfAServerInPages) {
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) made.push_back(keep(SealedByMaker(false)));
  (void)keep(SealedByMaker(false), "db-01");
  std::vector<std::string> listed;
  query_["limit"] = "2";
  for (int page = 0; page < 3; ++page) {
    const auto body = body_of(as_admin("GET", "/v1/servers/web-01/secrets"));
    for (const auto& secret : body["secrets"]) listed.push_back(secret["id"]);
    if (!body["next"].is_null()) query_["cursor"] = body["next"].get<std::string>();
  }
  query_.clear();
  EXPECT_EQ(listed, (std::vector<std::string>{made.rbegin(), made.rend()}));
}

TEST_F(LinkRoutes, ListVisitsWithTimeAndAddress) {
  const SealedByMaker made;
  const auto id = keep(made);
  peer_ = "::ffff:192.0.2.66";
  (void)look(made);
  (void)reveal(made, made.with());
  peer_ = "2001:db8::7";
  (void)reveal(made, made.with(made.proof()));
  std::vector<std::string> visits;
  const auto seen = shown(id);
  for (const auto& visit : seen["visits"]) {
    EXPECT_TRUE(visit["at"].is_string());
    visits.push_back(visit["action"].get<std::string>() + " " + visit["address"].get<std::string>());
  }
  EXPECT_EQ(visits, (std::vector<std::string>{"opened 192.0.2.66", "refused 192.0.2.66", "revealed 2001:db8::7"}));
  const auto entry = body_of(as_admin("GET", "/v1/audit"))["entries"][0];
  EXPECT_EQ(entry["who"], "link of " + id);
  EXPECT_EQ(entry["route"], "/v1/links/{link}/reveal");
  EXPECT_EQ(entry["address"], "2001:db8::7");
  EXPECT_EQ(entry["server"], "web-01");
}

TEST_F(LinkRoutes, LimitGuessesByAddress) {
  options_.limits.failed = {1, 3};
  make();
  const SealedByMaker made;
  (void)keep(made);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("", "GET", "/v1/links/" + credentials::generate_secret_id()).status, 404U);
  EXPECT_EQ(look(made).status, 429U);
  EXPECT_EQ(reveal(made, made.with(made.proof())).status, 429U);
  peer_ = "192.0.2.98";
  EXPECT_EQ(reveal(made, made.with(made.proof())).status, 200U) << "another address";
}

TEST_F(LinkRoutes, AnswerAClearErrorForAnotherKeyFile) {
  const SealedByMaker made;
  const auto id = keep(made);
  std::filesystem::remove(options_.key_file);
  (void)keep(SealedByMaker(false));
  const auto refused = reveal(made, made.with(made.proof()));
  EXPECT_EQ(refused.status, 422U);
  EXPECT_EQ(code_in(refused), "precondition");
  EXPECT_EQ(refused.body.find(folder_), std::string::npos) << "paths are for the log";
  EXPECT_NE(body_of(refused)["hint"].get<std::string>().find("not used up"), std::string::npos);
  EXPECT_EQ(shown(id)["state"], "waiting");
}

}  // namespace
}  // namespace rescue::netboot::api
