// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netboot/asked.hpp"

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr auto mode_path = "/v1/servers/web-01/boot-mode";

class BootModeRoutes : public Asked {
protected:
  void SetUp() override {
    Asked::SetUp();
    add({{"name", "web-01"}, {"macs", {"52:54:00:00:00:01"}}, {"address", "203.0.113.7"}});
  }
  http::Response set(const json& body, Headers headers = {}) {
    return as_admin("PUT", mode_path, body, std::move(headers));
  }
  std::string tag() { return header(as_admin("GET", mode_path), "ETag"); }
  static json named(const json& modes, const std::string& name) {
    const auto found = std::find_if(modes.begin(), modes.end(), [&](const json& mode) { return mode["name"] == name; });
    return found == modes.end() ? json() : *found;
  }
};

TEST_F(BootModeRoutes, ListWhatServersCanBeSetTo) {
  const auto modes = body_of(as_admin("GET", "/v1/boot-modes"))["boot_modes"];
  json names;
  for (const auto& mode : modes) names.push_back(mode["name"]);
  EXPECT_EQ(names, json({"disk", "rescue-windows", "rescue-linux", "installer", "memory-test"}));
  EXPECT_EQ(named(modes, "rescue-windows")["host_agent"], true);
  EXPECT_EQ(named(modes, "rescue-linux")["host_agent"], false);
}

TEST_F(BootModeRoutes, SayWhatIsMissingForWhatIsNotAvailable) {
  options_.catalogue = {};
  const auto modes = body_of(as_admin("GET", "/v1/boot-modes"))["boot_modes"];
  EXPECT_EQ(named(modes, "disk")["available"], true);
  EXPECT_EQ(named(modes, "rescue-linux")["available"], false);
  EXPECT_EQ(named(modes, "rescue-linux")["unavailable_because"],
            "boot.rescue-linux.base_url is not set in netbootd.yaml");
  EXPECT_EQ(set({{"mode", "rescue-linux"}}).status, 422U);
  EXPECT_EQ(set({{"mode", "memory-test"}}).status, 400U) << "not even known";
}

TEST_F(BootModeRoutes, SetEachModeOfTheCatalogue) {
  for (const auto* const mode : {"rescue-linux", "memory-test", "installer", "rescue-windows"}) {
    const auto done = set({{"mode", mode}, {"ttl", "1h"}});
    ASSERT_EQ(done.status, 200U) << done.body;
    EXPECT_EQ(body_of(done)["mode"], mode);
    EXPECT_EQ(body_of(done)["lease"]["mode"], mode);
    EXPECT_EQ(body_of(as_admin("GET", "/v1/servers/web-01"))["boot_mode"], mode);
    EXPECT_EQ(body_of(as_admin("GET", std::string("/v1/servers?mode=") + mode))["servers"].size(), 1U);
    open();
    EXPECT_EQ(servers().state(web_).mode, BootMode::try_parse(mode)) << "kept in the database";
  }
}

TEST_F(BootModeRoutes, NameWhatThereIsWhereANameIsNotKnown) {
  const auto refused = set({{"mode", "memtest"}});
  EXPECT_EQ(refused.status, 400U);
  const auto problem = body_of(refused);
  EXPECT_NE(problem["detail"].get<std::string>().find(
                "mode: 'memtest' is not one of disk, rescue-windows, rescue-linux, installer, memory-test"),
            std::string::npos)
      << refused.body;
  EXPECT_EQ(body_of(set({{"mode", "rescue-linus"}}))["hint"], "Did you mean 'rescue-linux'?");
  EXPECT_EQ(as_admin("GET", "/v1/servers?mode=rescue-linus").status, 400U);
  EXPECT_EQ(set({{"mode", "Disk"}}).status, 400U);
  EXPECT_EQ(set({{"mode", 7}}).status, 400U);
}

TEST_F(BootModeRoutes, LetTheFirstOfTwoChangesStand) {
  const auto before = tag();
  ASSERT_FALSE(before.empty());
  const auto first = set({{"mode", "rescue-linux"}}, {{"if-match", before}});
  ASSERT_EQ(first.status, 200U) << first.body;
  for (const auto* const mode : {"rescue-windows", "disk"}) {
    const auto second = set({{"mode", mode}}, {{"if-match", before}});
    EXPECT_EQ(second.status, 412U) << mode;
    EXPECT_EQ(body_of(second)["code"], "conflict");
  }
  EXPECT_EQ(body_of(as_admin("GET", mode_path))["mode"], "rescue-linux");
  EXPECT_EQ(header(first, "ETag"), tag());
  EXPECT_EQ(set({{"mode", "disk"}}, {{"if-match", header(first, "ETag")}}).status, 200U);
  EXPECT_EQ(set({{"mode", "disk"}}, {{"if-match", "*"}}).status, 200U);
  EXPECT_EQ(set({{"mode", "disk"}}, {{"if-match", "\"not one of ours\""}}).status, 412U);
}

TEST_F(BootModeRoutes, TellALeaseThatWasReplacedByOneThatLooksTheSame) {
  ASSERT_EQ(set({{"mode", "rescue-linux"}}).status, 200U);
  const auto before = tag();
  ASSERT_EQ(set({{"mode", "rescue-linux"}}).status, 200U);
  EXPECT_NE(tag(), before);
  EXPECT_EQ(set({{"mode", "disk"}}, {{"if-match", before}}).status, 412U);
}

TEST_F(BootModeRoutes, KeepTheirWordOverABootThatNobodyAskedFor) {
  ASSERT_EQ(set({{"mode", "rescue-linux"}}).status, 200U);
  const auto before = tag();
  ASSERT_EQ(boot(), BootMode::rescue_linux);
  EXPECT_NE(tag(), before) << "it says that it has booted";
  EXPECT_EQ(set({{"mode", "disk"}}, {{"if-match", before}}).status, 200U) << "but nobody has set it";
}

TEST_F(BootModeRoutes, SendNothingAgainThatTheClientHas) {
  const auto same = as_admin("GET", mode_path, {}, {{"if-none-match", tag()}});
  EXPECT_EQ(same.status, 304U);
  EXPECT_EQ(same.body, "");
  const auto before = tag();
  ASSERT_EQ(set({{"mode", "rescue-linux"}}).status, 200U);
  EXPECT_EQ(as_admin("GET", mode_path, {}, {{"if-none-match", before}}).status, 200U);
}

TEST_F(BootModeRoutes, KnowNoRescueWhereNoHostAgentIsToBeHeardOf) {
  ASSERT_EQ(set({{"mode", "rescue-linux"}}).status, 200U);
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-01/rescue").status, 404U);
  ASSERT_EQ(set({{"mode", "rescue-windows"}}).status, 200U);
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-01/rescue").status, 200U);
}

TEST_F(BootModeRoutes, HandOutNoBootTokenForARescueWithoutAHostAgent) {
  options_.agent = {"http://198.51.100.1:8470", "http://198.51.100.1:8470", ""};
  ASSERT_EQ(set({{"mode", "rescue-linux"}}).status, 200U);
  ASSERT_EQ(boot(), BootMode::rescue_linux);
  Sessions sessions(store(), AgentRules{});
  const auto card = MacAddress::parse("52:54:00:00:00:01");
  EXPECT_EQ(code_of([&] { (void)sessions.mint(card, "203.0.113.7"); }), ErrorCode::conflict);
  EXPECT_EQ(code_of([&] { sessions.check_mint(card, "203.0.113.7"); }), ErrorCode::conflict);
}

TEST_F(BootModeRoutes, LeaveALeaseWithoutAHostAgentToTheDeadManNever) {
  ASSERT_EQ(set({{"mode", "rescue-linux"}}).status, 200U);
  ASSERT_EQ(boot(), BootMode::rescue_linux);
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(body_of(as_admin("GET", mode_path))["lease"]["state"], "active");
  EXPECT_EQ(body_of(as_admin("GET", "/v1/servers?mode=rescue-linux"))["servers"].size(), 1U);
  EXPECT_EQ(boot(), BootMode::rescue_linux);
  ASSERT_EQ(set({{"mode", "rescue-windows"}}).status, 200U);
  ASSERT_EQ(boot(), BootMode::rescue_windows);
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(body_of(as_admin("GET", mode_path))["lease"]["state"], "unheard");
}

}  // namespace
}  // namespace rescue::netboot::api
