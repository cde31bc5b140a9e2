// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Limits of an operator's token.
#include "tests/unit/netboot/api_under_test.hpp"

namespace rescue::netboot::api {
namespace {

class Operator : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    servers().add(server_named("web-01", "52:54:00:00:00:01", "203.0.113.7"));
    servers().add(server_named("db-01", "52:54:00:00:00:02", "203.0.113.8"));
    options_.key_file = folder_ + "/secrets.key";
    options_.links_url = "https://rescue.example";
    options_.agent.url = "http://192.0.2.1:8470";
    options_.tasks = TaskLimits{};
    make();
  }
};

TEST_F(Operator, StartsRescuesButGetsNoAccess) {
  const auto operating = token("operator", Role::operating);
  const auto panel = token("panel", Role::panel);
  const json key{{"ssh_keys", {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1vYjN2c3R6bGs5d2Z0cW1hNHJ4N2hkMnA4Z24x"}}};
  const json link{{"notify", {{"address", "eve@example.com"}}}, {"code", "none"}};
  for (auto body : {key, link}) {
    body["power"] = "none";
    const auto refused = ask(operating, "POST", "/v1/servers/web-01/rescue", body);
    EXPECT_EQ(refused.status, 403U) << refused.body;
    EXPECT_NE(refused.body.find("panel"), std::string::npos) << "who may";
    const auto taken = ask(panel, "POST", "/v1/servers/web-01/rescue", body);
    ASSERT_EQ(taken.status, 202U) << taken.body;
    ASSERT_EQ(as_admin("POST", "/v1/tasks/" + body_of(taken)["id"].get<std::string>() + "/cancel").status, 200U);
  }
  const auto plain = ask(operating, "POST", "/v1/servers/db-01/rescue", {{"power", "none"}});
  EXPECT_EQ(plain.status, 202U) << plain.body;
}

}  // namespace
}  // namespace rescue::netboot::api
