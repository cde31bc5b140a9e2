// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netboot/asked.hpp"

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

class Routes : public Asked {
protected:
  http::Response ask(const std::string& method, const std::string& path, const json& body = {},
                     const std::string& token = {}) {
    const Headers headers = token.empty() ? Headers{} : Headers{{"authorization", "Bearer " + token}};
    return Asked::ask(method, path, body.is_null() ? "" : body.dump(), headers);
  }
  void add_web() {
    const auto response = as_admin("POST", "/v1/servers", {{"name", "web-01"}, {"macs", {"52:54:00:00:00:01"}}});
    ASSERT_EQ(response.status, 201U) << response.body;
  }
  std::string agent_token() { return json::parse(as_admin("POST", "/v1/servers/web-01/agent-token").body)["token"]; }
};

constexpr auto boot_mode_path = "/v1/servers/web-01/boot-mode";

TEST_F(Routes, NeedATokenForTheApi) {
  for (const auto* const path : {"/v1/servers", "/v1/servers/web-01", boot_mode_path}) {
    for (const std::string token : {"", "wrong"}) {
      const auto response = ask("GET", path, {}, token);
      EXPECT_EQ(response.status, 401U) << path;
      EXPECT_EQ(response.headers.back().first, "WWW-Authenticate");
    }
  }
}

TEST_F(Routes, TellWhetherTheyAreAliveAndReadyToAnyone) {
  EXPECT_EQ(ask("GET", "/healthz").status, 200U);
  EXPECT_EQ(ask("GET", "/readyz").status, 200U);
}

TEST_F(Routes, CreateListShowAndDeleteServers) {
  add_web();
  EXPECT_EQ(json::parse(as_admin("GET", "/v1/servers").body)["servers"].size(), 1U);
  const auto shown = json::parse(as_admin("GET", "/v1/servers/web-01").body);
  EXPECT_EQ(shown["boot_mode"], "disk");
  EXPECT_EQ(shown["macs"], json({"52:54:00:00:00:01"}));
  EXPECT_EQ(as_admin("POST", "/v1/servers", {{"name", "web-01"}, {"macs", {"52:54:00:00:00:02"}}}).status, 409U);
  EXPECT_EQ(as_admin("DELETE", "/v1/servers/web-01").status, 204U);
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-01").status, 404U);
  EXPECT_EQ(as_admin("GET", "/v1/servers/Web").status, 400U);
}

TEST_F(Routes, AnswerABootModeWithItsLease) {
  add_web();
  const auto set = as_admin("PUT", boot_mode_path,
                            {{"mode", "rescue-windows"}, {"policy", "until-finished"}, {"ttl", "4h"}, {"reason", "x"}});
  ASSERT_EQ(set.status, 200U) << set.body;
  EXPECT_EQ(set.body, as_admin("GET", boot_mode_path).body);
  const auto body = json::parse(set.body);
  EXPECT_EQ(body["mode"], "rescue-windows");
  EXPECT_EQ(body["lease"]["state"], "active");
  EXPECT_EQ(body["lease"]["requested_by"], "admin");
  EXPECT_EQ(body["lease"]["boots_left"], 3);
  EXPECT_EQ(body["lease"]["expires_at"], rfc3339(clock_.wall() + std::chrono::hours(4)));
  for (int i = 0; i < 2; ++i) {
    const auto ended = json::parse(as_admin("PUT", boot_mode_path, {{"mode", "disk"}}).body);
    EXPECT_EQ(ended["mode"], "disk");
    EXPECT_TRUE(ended["lease"].is_null());
  }
}

TEST_F(Routes, RefuseRescueWithNothingToBoot) {
  add_web();
  options_.catalogue = {};
  EXPECT_EQ(as_admin("PUT", boot_mode_path, {{"mode", "rescue-windows"}}).status, 422U);
}

TEST_F(Routes, LetAnAgentEndItsOwnLeaseAndNothingElse) {
  add_web();
  ASSERT_EQ(as_admin("POST", "/v1/servers", {{"name", "db-01"}, {"macs", {"52:54:00:00:00:02"}}}).status, 201U);
  (void)as_admin("PUT", boot_mode_path, {{"mode", "rescue-windows"}});
  const auto agent = agent_token();
  EXPECT_EQ(ask("GET", boot_mode_path, {}, agent).status, 200U);
  EXPECT_EQ(ask("PUT", boot_mode_path, {{"mode", "disk"}}, agent).status, 200U);
  const auto refused = ask("PUT", boot_mode_path, {{"mode", "rescue-windows"}}, agent);
  EXPECT_EQ(refused.status, 403U);
  EXPECT_EQ(json::parse(refused.body)["code"], "denied");
  EXPECT_EQ(ask("GET", "/v1/servers/db-01/boot-mode", {}, agent).status, 403U);
  EXPECT_EQ(ask("GET", "/v1/servers/no-such/boot-mode", {}, agent).status, 403U) << "does not tell what exists";
  EXPECT_EQ(ask("GET", "/v1/servers", {}, agent).status, 403U);
  EXPECT_EQ(ask("GET", "/v1/servers/web-01", {}, agent).status, 403U);
  EXPECT_EQ(ask("DELETE", "/v1/servers/web-01", {}, agent).status, 403U);
  EXPECT_EQ(ask("POST", "/v1/servers/web-01/agent-token", {}, agent).status, 403U);
}

}  // namespace
}  // namespace rescue::netboot::api
