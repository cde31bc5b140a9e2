// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/netboot/api_under_test.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

constexpr auto own_address = "203.0.113.7";
constexpr auto elsewhere = "198.51.100.66";
constexpr auto server_uuid = "4c4c4544-0042-3510-8056-b4c04f463132";
constexpr auto second_initrd_path = "/boot/52-54-00-00-00-01/rescue-boot.cpio";

/// A server at its address, and a client at another address.
class Outsider : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    auto server = server_named("web-01");
    server.address = own_address;
    server.uuid = server_uuid;
    server.serial = "B5VFS12";
    servers().add(server);
    servers().add(server_named("db-01", "52:54:00:00:00:02"));
    options_.agent = {"http://n", "http://n", ""};
    make();
  }
  void arm(const std::string& name, LeasePolicy policy = LeasePolicy::until_finished) {
    (void)leases().grant(ServerName::parse(name), rescue_for(std::chrono::hours(4), policy));
  }
  http::Response from(const std::string& peer, const std::string& method, const std::string& path,
                      const std::string& token = {}, const json& body = {}) {
    peer_ = peer;
    return ask(token, method, path, body);
  }
  bool boots_rescue(const std::string& peer, const std::string& path, const std::string& method = "GET") {
    const auto response = from(peer, method, path);
    EXPECT_EQ(response.status, 200U) << path;
    EXPECT_TRUE(response.body.starts_with("#!ipxe")) << path;
    return response.body.find("kernel ") != std::string::npos;
  }
  unsigned boots(const std::string& name) { return servers().state(ServerName::parse(name)).lease.value().boots; }
  std::string boot_token() {
    return std::string(Sessions(store(), {}).mint(MacAddress::parse("52:54:00:00:00:01"), own_address).token.reveal());
  }
  static json redemption(const std::string& agent_token) {
    return {{"agent_token_sha256", hash_of(agent_token)}, {"version", "1"}};
  }
  http::Response redeem(const std::string& peer, const std::string& boot_token, const std::string& agent = "agent") {
    return from(peer, "POST", "/v1/agent/redeem", boot_token, redemption(agent));
  }
  http::Response heartbeat(const std::string& peer, const std::string& agent = "agent") {
    return from(peer, "POST", "/v1/agent/heartbeat", agent, {{"phase", "serving"}, {"steps", json::array()}});
  }
  /// Arms and boots the server and redeems its boot token.
  void begin_session() {
    arm("web-01");
    ASSERT_TRUE(boots_rescue(own_address, "/boot/525400000001.ipxe"));
    ASSERT_EQ(redeem(own_address, boot_token()).status, 201U);
    ASSERT_EQ(heartbeat(own_address).status, 200U);
  }
  std::size_t audited() { return body_of(from("192.0.2.99", "GET", "/v1/audit", admin_))["entries"].size(); }
  /// Makes requests that need the database fail with 503.
  void take_database_away() const {
    auto session = sql();
    for (const auto* const table : {"servers", "server_macs", "leases", "boot_tokens", "sessions", "api_tokens"}) {
      session << fmt::format("ALTER TABLE {0} RENAME TO {0}_away", table);
    }
  }

  const std::vector<std::string> scripts_{"/boot/525400000001.ipxe", std::string("/boot/uuid/") + server_uuid + ".ipxe",
                                          "/boot/serial/B5VFS12.ipxe"};
};

TEST_F(Outsider, GetsTheScriptOfTheDiskAndUsesNothingUp) {
  for (const auto policy : {LeasePolicy::once, LeasePolicy::until_finished}) {
    arm("web-01", policy);
    for (const auto& path : scripts_) {
      for (const auto* const method : {"GET", "HEAD"}) EXPECT_FALSE(boots_rescue(elsewhere, path, method)) << path;
      for (const auto* const peer : {"::ffff:198.51.100.66", "2001:db8::7", "203.0.113.70"}) {
        EXPECT_FALSE(boots_rescue(peer, path)) << peer;
      }
    }
    EXPECT_EQ(boots("web-01"), 0U);
    EXPECT_TRUE(boots_rescue(own_address, scripts_.front())) << "it is there for the server";
    EXPECT_EQ(boots("web-01"), 1U);
  }
  for (const auto& path : scripts_) EXPECT_TRUE(boots_rescue(own_address, path)) << path;
  EXPECT_TRUE(boots_rescue("::ffff:203.0.113.7", scripts_.front())) << "in the words of IPv6";
}

TEST_F(Outsider, IsAnsweredWithoutTheDatabase) {
  arm("web-01");
  make();
  http::Request request;
  request.method = "GET";
  request.path = scripts_.front();
  request.peer = elsewhere;
  const auto& route = router_->match(request);
  EXPECT_TRUE(route.quick(request)) << "and without a thread that may wait";
  request.peer = own_address;
  EXPECT_FALSE(route.quick(request));
  take_database_away();
  EXPECT_FALSE(boots_rescue(elsewhere, scripts_.front()));
  EXPECT_TRUE(boots_rescue(own_address, scripts_.front())) << "by the last that was known";
}

TEST_F(Outsider, IsTheServerWhereNoAddressIsRegisteredButNotWithoutEnd) {
  options_.limits.boot = {1, 3};
  arm("db-01");
  make();
  constexpr auto path = "/boot/525400000002.ipxe";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(boots_rescue(elsewhere, path)) << i;
  EXPECT_FALSE(boots_rescue(elsewhere, path));
  EXPECT_FALSE(boots_rescue("198.51.100.67", path)) << "it is the server's limit";
  clock_.advance(std::chrono::seconds(1));
  EXPECT_TRUE(boots_rescue(elsewhere, path));
  arm("web-01");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(boots_rescue(own_address, scripts_.front())) << "the server itself";
}

TEST_F(Outsider, GetsNoSecondInitrdAndMakesNobodyLook) {
  arm("web-01");
  ASSERT_TRUE(boots_rescue(own_address, scripts_.front()));
  EXPECT_EQ(from(own_address, "GET", second_initrd_path).status, 200U);
  take_database_away();
  EXPECT_EQ(from(elsewhere, "GET", second_initrd_path).status, 403U);
  EXPECT_EQ(from(elsewhere, "HEAD", second_initrd_path).status, 403U);
  EXPECT_EQ(from(elsewhere, "GET", "/boot/52-54-00-00-00-99/rescue-boot.cpio").status, 404U);
}

TEST_F(Outsider, IsLimitedWhereverItIsRefused) {
  options_.limits.failed = {1, 4};
  make();
  arm("web-01");
  ASSERT_TRUE(boots_rescue(own_address, scripts_.front()));
  const auto before = audited();
  EXPECT_EQ(from(elsewhere, "GET", second_initrd_path).status, 403U);
  EXPECT_EQ(from(elsewhere, "GET", "/boot/52-54-00-00-00-99/rescue-boot.cpio").status, 404U);
  EXPECT_EQ(from(elsewhere, "GET", "/boot/x/rescue-boot.cpio").status, 400U);
  EXPECT_EQ(redeem(elsewhere, "rescue_guess").status, 401U);
  for (const auto* const path : {second_initrd_path, "/boot/52-54-00-00-00-99/rescue-boot.cpio"}) {
    EXPECT_EQ(from(elsewhere, "GET", path).status, 429U) << path;
  }
  EXPECT_EQ(redeem(elsewhere, "rescue_guess").status, 429U);
  EXPECT_EQ(from(elsewhere, "POST", "/v1/agent/redeem", "rescue_guess", {{"no such", 1}}).status, 429U);
  EXPECT_EQ(from(elsewhere, "GET", "/v1/servers").status, 429U);
  EXPECT_EQ(audited(), before);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(from(own_address, "GET", second_initrd_path).status, 200U) << "what is not refused costs nothing";
  }
}

TEST_F(Outsider, PutsNothingIntoTheAuditLog) {
  options_.limits.failed = {0, 1};
  make();
  const auto before = audited();
  for (const json& body : {json(), json{{"no such", 1}}, json("text"), redemption("x"), json::array()}) {
    const auto response = from(elsewhere, "POST", "/v1/agent/redeem", "rescue_guess", body);
    EXPECT_EQ(response.status, 401U) << "the token is looked at first: " << response.body;
    EXPECT_EQ(from(elsewhere, "POST", "/v1/agent/redeem", "", body).status, 401U);
  }
  for (const auto& route : router_->routes()) {
    auto path = path_of(route);
    for (auto at = path.find('{'); at != std::string::npos; at = path.find('{')) {
      path.replace(at, path.find('}') - at + 1, "web-01");
    }
    for (const auto* const token : {"", "rescue_guess"}) {
      (void)from(elsewhere, route.method, path, token, route.method == "GET" ? json() : json{{"no such", 1}});
    }
  }
  EXPECT_EQ(audited(), before);
}

TEST_F(Outsider, WhoGuessesDoesNotMakeTheDatabaseLookForEver) {
  options_.limits.failed = {1, 2};
  make();
  EXPECT_EQ(from("192.0.2.99", "GET", "/v1/servers", admin_).status, 200U);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(from(elsewhere, "GET", "/v1/servers", "rescue_guess").status, 401U);
  const auto fresh = token("fresh", Role::panel);
  EXPECT_EQ(from(elsewhere, "GET", "/v1/servers", fresh).status, 200U) << "a good token is good from everywhere";
  for (int i = 0; i < 100; ++i) EXPECT_EQ(from(elsewhere, "GET", "/v1/servers", "rescue_guess").status, 429U);
  EXPECT_EQ(from(elsewhere, "GET", "/v1/servers", fresh).status, 200U) << "it is known";
  take_database_away();
  EXPECT_EQ(from(elsewhere, "GET", "/v1/servers", "rescue_guess").status, 429U) << "nobody has asked the database";
  EXPECT_EQ(from(elsewhere, "GET", "/v1/servers", fresh).status, 503U);
}

TEST_F(Outsider, WhoAsksForHealthDoesNotMakeTheDatabaseAnswerForEver) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(from(elsewhere, "GET", "/readyz").status, 200U);
  take_database_away();
  EXPECT_EQ(from(elsewhere, "GET", "/readyz").status, 200U) << "what was true just before";
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(from(elsewhere, "GET", "/readyz").status, 503U);
}

/// An attacker with a host's token.
class Thief : public Outsider {};

TEST_F(Thief, OfAnAgentTokenIsNotTheHost) {
  begin_session();
  clock_.advance(std::chrono::seconds(15));
  for (const auto* const peer : {elsewhere, "2001:db8::7"}) {
    EXPECT_EQ(heartbeat(peer).status, 403U);
    EXPECT_EQ(from(peer, "PUT", "/v1/agent/credentials", "agent", {{"sealed", "AAAA"}}).status, 403U);
    EXPECT_EQ(from(peer, "PUT", "/v1/servers/web-01/boot-mode", "agent", {{"mode", "disk"}}).status, 403U);
  }
  EXPECT_EQ(servers().state(web_).mode, BootMode::rescue_windows);
  clock_.advance(std::chrono::seconds(6));
  EXPECT_FALSE(boot_token().empty()) << "nothing keeps the session alive: the server may boot again";
}

TEST_F(Thief, OfAnAgentTokenLeavesTheHostAlone) {
  begin_session();
  const auto before = audited();
  for (int i = 0; i < 50; ++i) EXPECT_NE(heartbeat(elsewhere).status, 200U);
  EXPECT_EQ(heartbeat(elsewhere).status, 429U);
  EXPECT_EQ(heartbeat(own_address).status, 200U);
  EXPECT_EQ(heartbeat("::ffff:203.0.113.7").status, 200U);
  EXPECT_EQ(audited(), before) << "a log line does";
}

TEST_F(Thief, OfATokenMadeByHandIsNotTheHost) {
  arm("web-01");
  const std::string token(tokens().issue_agent_token(web_).reveal());
  EXPECT_EQ(from(elsewhere, "GET", "/v1/servers/web-01/boot-mode", token).status, 403U);
  EXPECT_EQ(from(own_address, "GET", "/v1/servers/web-01/boot-mode", token).status, 200U);
  const std::string of_db(tokens().issue_agent_token(ServerName::parse("db-01")).reveal());
  EXPECT_EQ(from(elsewhere, "GET", "/v1/servers/db-01/boot-mode", of_db).status, 200U) << "no address is registered";
}

TEST_F(Thief, OfABootTokenIsNotTheHostAndEndsNothing) {
  arm("web-01");
  ASSERT_TRUE(boots_rescue(own_address, scripts_.front()));
  const auto stolen = boot_token();
  EXPECT_EQ(redeem(elsewhere, stolen, "thief").status, 403U);
  EXPECT_EQ(redeem(own_address, stolen).status, 201U);
  EXPECT_EQ(redeem(elsewhere, stolen, "thief").status, 403U);
  EXPECT_EQ(redeem(elsewhere, stolen).status, 403U);
  EXPECT_EQ(heartbeat(own_address).status, 200U) << "the session goes on";
}

TEST_F(Thief, IsTheHostWhereAnyAddressIs) {
  options_.agent_rules.any_address = true;
  make();
  arm("web-01");
  ASSERT_TRUE(boots_rescue(own_address, scripts_.front()));
  EXPECT_EQ(redeem(elsewhere, boot_token()).status, 201U);
  EXPECT_EQ(heartbeat(elsewhere).status, 200U);
}

TEST_F(Thief, IsRevokedByAdmins) {
  begin_session();
  constexpr auto path = "/v1/servers/web-01/agent-token";
  for (const auto role : {Role::read_only, Role::operating, Role::panel}) {
    EXPECT_EQ(from("192.0.2.99", "DELETE", path, token(std::string(name_of(role)), role)).status, 403U);
  }
  const std::string by_hand(tokens().issue_agent_token(web_).reveal());
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(from("192.0.2.99", "DELETE", path, admin_).status, 204U) << "as often as you like";
  EXPECT_EQ(heartbeat(own_address).status, 401U);
  EXPECT_EQ(from(own_address, "GET", "/v1/servers/web-01/boot-mode", by_hand).status, 401U);
  EXPECT_EQ(Sessions(store(), {}).current(web_).value().revoked, "revoked by admin");
  const auto next = boot_token();
  EXPECT_FALSE(next.empty()) << "the session is over at once";
  EXPECT_EQ(from("192.0.2.99", "DELETE", path, admin_).status, 204U);
  EXPECT_EQ(redeem(own_address, next, "next").status, 401U) << "boot tokens too";
  EXPECT_EQ(from("192.0.2.99", "DELETE", "/v1/servers/no-such/agent-token", admin_).status, 404U);
  const auto log = body_of(from("192.0.2.99", "GET", "/v1/audit", admin_)).dump();
  EXPECT_NE(log.find(R"("method":"DELETE")"), std::string::npos);
}

/// Another client holds the writer's lock.
TEST_F(Outsider, IsRefusedABootTokenWithoutAWritersLock) {
  auto session = sql();
  session << (on_postgresql() ? "BEGIN" : "BEGIN IMMEDIATE");
  if (on_postgresql()) session << "SELECT name FROM servers WHERE name = 'web-01' FOR UPDATE";
  EXPECT_EQ(from(own_address, "GET", second_initrd_path).status, 409U) << "it was not just booted";
  session << "ROLLBACK";
}

TEST_F(Outsider, WhoIsTheServerGetsNotEndlesslyManyBootTokens) {
  arm("web-01");
  ASSERT_TRUE(boots_rescue(own_address, scripts_.front()));
  unsigned status = 200;
  int made = 0;
  for (; made < 200 && status == 200; ++made) status = from(own_address, "GET", second_initrd_path).status;
  EXPECT_EQ(status, 409U);
  EXPECT_GT(made, 20) << "an iPXE that tries again for a while gets its token";
  clock_.advance(std::chrono::minutes(1));
  ASSERT_TRUE(boots_rescue(own_address, scripts_.front()));
  EXPECT_EQ(from(own_address, "GET", second_initrd_path).status, 200U) << "the next boot";
}

}  // namespace
}  // namespace rescue::netboot::api
