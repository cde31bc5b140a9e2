// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Calls the routes of netbootd without sockets. Exceptions become problem bodies, as in the server.

#include "core/http/target.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/service/tokens.hpp"
#include "stored.hpp"
#include "tests/openapi/record.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace rescue::netboot::api {

class Asked : public Stored {
protected:
  using Headers = std::map<std::string, std::string>;

  void SetUp() override {
    Stored::SetUp();
    admin_ = std::string(tokens().issue_first_admin().token.reveal());
    options_.lease_ttl = std::chrono::hours(4);
    options_.longest_lease_ttl = std::chrono::hours(24);
    options_.catalogue = full_catalogue();
  }

  /// `target` is a path with an optional query; names of headers are in lower case.
  http::Response ask(const std::string& method, const std::string& target, const std::string& body,
                     Headers headers = {}) {
    const auto router = make_router(store(), options_);
    http::Request request;
    request.method = method;
    if (const auto fault = http::read_target(target, request)) return refused(*fault);
    request.body = body;
    request.peer = "198.51.100.9";
    if (headers.count("content-type") == 0 && !body.empty()) headers["content-type"] = "application/json";
    for (const auto& [name, value] : headers) request.headers[name] = value;
    auto response = answer(router, request);
    tests::record(method, target, body, response);
    return response;
  }
  http::Response as_admin(const std::string& method, const std::string& target, const nlohmann::json& body = {},
                          Headers headers = {}) {
    headers["authorization"] = "Bearer " + admin_;
    return ask(method, target, body.is_null() ? "" : body.dump(), std::move(headers));
  }
  void add(const nlohmann::json& server) {
    const auto response = as_admin("POST", "/v1/servers", server);
    ASSERT_EQ(response.status, 201U) << response.body;
  }
  static std::string header(const http::Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }
  static nlohmann::json body_of(const http::Response& response) { return nlohmann::json::parse(response.body); }

  std::string admin_;
  ApiOptions options_;

private:
  /// The server's answer to a bad target, before any route.
  static http::Response refused(const http::TargetFault& fault) {
    ErrorReport report;
    report.code = ErrorCode::usage;
    report.message = fault.message;
    report.hint = fault.hint;
    return http::problem(report);
  }
  static http::Response answer(const http::Router& router, http::Request& request) {
    try {
      return router.match(request).handler(request);
    } catch (const Error& error) {
      return http::problem(report_of(error));
    }
  }
};

}  // namespace rescue::netboot::api
