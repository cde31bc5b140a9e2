// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "host_agent_under_test.hpp"

namespace rescue::netboot {
namespace {

using nlohmann::json;

class HostAgent : public ServerThatBoots {};

TEST_F(HostAgent, GoesFromTheBootScriptToTheEndOfTheLease) {
  arm();
  const auto script = boot();
  EXPECT_NE(script.find("initrd=initrd.img initrd=rescue-boot.cpio boot=rescue panic=30 rescue.squashfs="),
            std::string::npos)
      << script;
  EXPECT_NE(script.find(" " + url() + "/boot/52-54-00-12-34-56/rescue-boot.cpio"), std::string::npos) << script;
  const auto told = unpacked(second_initrd().body);
  EXPECT_EQ(told["url"], url());
  EXPECT_EQ(told["server"], "web-01");
  const auto redeemed = redeem(told["boot_token"]);
  ASSERT_EQ(redeemed.status, 201U) << redeemed.body;
  EXPECT_EQ(json::parse(redeemed.body)["request"]["on_shutdown"], "restart");
  const auto answer = heartbeat({{"phase", "starting"}});
  EXPECT_EQ(answer["lease"]["state"], "active");
  EXPECT_FALSE(answer.contains("command"));
  EXPECT_EQ(as_agent("PUT", "/v1/servers/web-01/boot-mode", R"({"mode": "disk"})").status, 200U);
  EXPECT_EQ(heartbeat({{"phase", "finished"}})["lease"]["state"], "ended");
}

TEST_F(HostAgent, GetsNoTokenForAServerThatNobodyBooted) {
  EXPECT_EQ(second_initrd().status, 409U);
  arm();
  EXPECT_EQ(second_initrd().status, 409U);
  (void)boot();
  EXPECT_EQ(second_initrd().status, 200U);
  EXPECT_EQ(ask("HEAD", "/boot/525400123456/rescue-boot.cpio").body, "");
  EXPECT_EQ(ask("GET", "/boot/525400123499/rescue-boot.cpio").status, 404U);
  EXPECT_EQ(ask("GET", "/boot/garbage/rescue-boot.cpio").status, 400U);
}

TEST_F(HostAgent, GetsATokenInEverySpellingOfTheAddress) {
  arm();
  (void)boot();
  for (const auto* const mac : {"52:54:00:12:34:56", "52-54-00-12-34-56", "525400123456", "5254.0012.3456"}) {
    EXPECT_EQ(ask("GET", std::string("/boot/") + mac + "/rescue-boot.cpio").status, 200U) << mac;
  }
}

TEST_F(HostAgent, GetsNoTokenFromAnotherAddress) {
  ASSERT_EQ(as_admin("POST", "/v1/servers", R"({"name": "db-01", "macs": ["525400000002"], "address": "203.0.113.9"})")
                .status,
            201U);
  ASSERT_EQ(as_admin("PUT", "/v1/servers/db-01/boot-mode", R"({"mode": "rescue-windows"})").status, 200U);
  EXPECT_EQ(ask("GET", "/boot/525400000002.ipxe").body.find("vmlinuz"), std::string::npos) << "nor a boot";
  EXPECT_EQ(ask("GET", "/boot/525400000002/rescue-boot.cpio").status, 403U);
}

TEST_F(HostAgent, IsRefusedWithAForgedToken) {
  EXPECT_EQ(ask("POST", "/v1/agent/redeem", "{}").status, 401U) << "none at all";
  EXPECT_EQ(redeem("rescue_forged").status, 401U);
  EXPECT_EQ(as_agent("POST", "/v1/agent/heartbeat", R"({"phase": "idle"})").status, 401U);
  EXPECT_EQ(as_admin("POST", "/v1/agent/heartbeat", R"({"phase": "idle"})").status, 403U) << "no session";
}

TEST_F(HostAgent, IsRefusedWithATokenThatSomebodyElseHasUsed) {
  arm();
  (void)boot();
  const std::string token = unpacked(second_initrd().body)["boot_token"];
  ASSERT_EQ(redeem(token).status, 201U);
  EXPECT_EQ(redeem(token).status, 201U) << "a lost answer costs nothing";
  EXPECT_EQ(redeem(token, "rescue_thief").status, 409U);
  EXPECT_EQ(as_agent("POST", "/v1/agent/heartbeat", R"({"phase": "idle"})").status, 401U);
  EXPECT_EQ(json::parse(as_admin("GET", "/v1/servers/web-01/boot-mode").body)["mode"], "disk");
}

TEST_F(HostAgent, IsRefusedWithAnExpiredToken) {
  restart_with("  token_lifetime: 1ms\n");
  arm();
  (void)boot();
  // The token was issued in time or not at all: the server boots its disk in both cases.
  const auto archive = second_initrd();
  if (archive.status != 200U) {
    EXPECT_EQ(archive.status, 409U);
    return;
  }
  EXPECT_EQ(redeem(unpacked(archive.body)["boot_token"]).status, 403U);
}

TEST_F(HostAgent, GetsNoSecondTokenWhileItLives) {
  arm();
  (void)boot();
  ASSERT_EQ(redeem(unpacked(second_initrd().body)["boot_token"]).status, 201U);
  EXPECT_EQ(second_initrd().status, 409U) << "the guest asks with the same address";
}

TEST_F(HostAgent, KeepsItsSessionOverARestartOfNetbootd) {
  arm();
  (void)boot();
  ASSERT_EQ(redeem(unpacked(second_initrd().body)["boot_token"]).status, 201U);
  ASSERT_EQ(stop(SIGKILL), 128 + SIGKILL);
  start();
  EXPECT_EQ(as_agent("POST", "/v1/agent/heartbeat", R"({"phase": "idle"})").status, 200U);
}

TEST_F(HostAgent, SendsNoCredentialsThatNobodyAskedFor) {
  arm();
  (void)boot();
  ASSERT_EQ(redeem(unpacked(second_initrd().body)["boot_token"]).status, 201U);
  EXPECT_EQ(as_agent("PUT", "/v1/agent/credentials", R"({"sealed": "c2VhbGVk"})").status, 409U);
  EXPECT_EQ(as_agent("PUT", "/v1/agent/credentials", R"({"sealed": "not base64"})").status, 400U);
}

TEST_F(HostAgent, IsNotBootedWhereNetbootdHasNoAddressForIt) {
  configure(rescue_section);
  ASSERT_EQ(stop(), 0);
  start();
  arm();
  EXPECT_EQ(boot().find("rescue-boot.cpio"), std::string::npos);
  EXPECT_EQ(second_initrd().status, 404U);
}

}  // namespace
}  // namespace rescue::netboot
