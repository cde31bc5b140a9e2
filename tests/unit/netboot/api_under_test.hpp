// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Calls the routes of netbootd without sockets, with tokens of all roles.

#include "core/http/client.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/service/tokens.hpp"
#include "stored.hpp"
#include "tests/openapi/record.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <utility>

namespace rescue::netboot::api {

class ApiUnderTest : public Stored {
protected:
  using json = nlohmann::json;
  using Headers = std::initializer_list<std::pair<std::string, std::string>>;

  void SetUp() override {
    Stored::SetUp();
    options_.lease_ttl = std::chrono::hours(4);
    options_.longest_lease_ttl = std::chrono::hours(24);
    options_.catalogue = full_catalogue();
    admin_ = std::string(tokens().issue_first_admin().token.reveal());
    make();
  }
  void TearDown() override {
    router_.reset();
    Stored::TearDown();
  }
  /// Makes the router again with the current options.
  void make() { router_ = std::make_unique<http::Router>(make_router(store(), options_)); }

  http::Response ask(const std::string& token, const std::string& method, const std::string& path,
                     const json& body = {}, Headers headers = {}) {
    http::Request request;
    request.method = method;
    request.path = path.substr(0, path.find('?'));
    request.peer = peer_;
    request.id = "request-1";
    for (const auto& [key, value] : query_) request.query[key] = value;
    if (!body.is_null()) request.body = body.dump();
    if (!token.empty()) request.headers["authorization"] = "Bearer " + token;
    for (const auto& [name, value] : headers) request.headers[name] = value;
    auto response = answer(request);
    tests::record(method, target_of(path), request.body, response);
    return response;
  }
  http::Response as_admin(const std::string& method, const std::string& path, const json& body = {},
                          Headers headers = {}) {
    return ask(admin_, method, path, body, headers);
  }

  std::string token(const std::string& name, Role role, std::vector<std::string> servers = {}) {
    const auto issued = Tokens(store()).issue({name, role, {std::move(servers)}, std::nullopt, "a test"});
    return std::string(issued.token.reveal());
  }
  /// Token of a panel that may add and remove servers.
  std::string token_with_identity(const std::string& name, std::vector<std::string> servers = {}) {
    NewToken wanted{name, Role::panel, {std::move(servers)}, std::nullopt, "a test"};
    wanted.identity = true;
    return std::string(Tokens(store()).issue(wanted).token.reveal());
  }
  static std::string path_of(const http::Router::Route& route) {
    std::string path;
    for (const auto& segment : route.segments) path += "/" + segment;
    return path;
  }
  static json body_of(const http::Response& response) { return json::parse(response.body); }
  static std::string code_in(const http::Response& response) { return body_of(response).value("code", ""); }

  ApiOptions options_;
  std::unique_ptr<http::Router> router_;
  std::string admin_;
  std::string peer_ = "192.0.2.99";
  std::map<std::string, std::string> query_;

private:
  http::Response answer(http::Request& request) const {
    try {
      return router_->match(request).handler(request);
    } catch (const Error& error) {
      return http::problem(report_of(error));
    }
  }
  [[nodiscard]] std::string target_of(const std::string& path) const {
    std::string target = path.substr(0, path.find('?'));
    for (const auto& [key, value] : query_) {
      target += (target.find('?') == std::string::npos ? '?' : '&') + http::percent_encode(key) + '=' +
                http::percent_encode(value);
    }
    return target;
  }
};

}  // namespace rescue::netboot::api
