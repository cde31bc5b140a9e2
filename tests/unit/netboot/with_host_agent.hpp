// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server that has booted into a rescue, and its host agent.

#include "api_under_test.hpp"
#include "netboot/service/sessions.hpp"

namespace rescue::netboot::api {

class WithHostAgent : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    servers().add(server_named("web-01", "52:54:00:00:00:01", "203.0.113.7"));
  }
  /// Boots the server into a rescue with this request; its agent's token is "agent".
  void come_up(const RescueRequest& request) {
    auto lease = rescue_for(std::chrono::hours(1));
    lease.rescue = request;
    (void)leases().grant(web_, lease);
    (void)boot();
    session_ = begin_session("203.0.113.7");
  }
  http::Response as_agent(const std::string& method, const std::string& path, const json& body) {
    peer_ = "203.0.113.7";
    auto response = ask("agent", method, path, body);
    peer_ = "192.0.2.99";
    return response;
  }
  /// Reports that the session serves. Keeps the pending command.
  void report(const json& more = json::object()) {
    json heartbeat{{"phase", "serving"}};
    heartbeat.update(more);
    const auto response = as_agent("POST", "/v1/agent/heartbeat", heartbeat);
    ASSERT_EQ(response.status, 200U) << response.body;
    command_ = body_of(response).value("command", json());
  }

  std::string session_;
  json command_;
};

}  // namespace rescue::netboot::api
