// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/migrations.hpp"
#include "tests/unit/netboot/api_under_test.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

constexpr auto uuid = "4c4c4544-0042-3510-8056-b4c04f463132";

/// A server of the caller and one of another customer.
class Identity : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    servers().add(server_named("web-01", "52:54:00:00:00:01", "203.0.113.7"));
    auto theirs = server_named("db-01", "52:54:00:00:00:02");
    theirs.address = "203.0.113.8";
    theirs.uuid = uuid;
    theirs.serial = "B5VFS12";
    servers().add(theirs);
    bound_ = token("bound", Role::panel, {"web-01", "web-07"});
  }
  /// A token that may set the identity of its servers; an admin issues it.
  std::string with_identity(std::vector<std::string> servers) {
    const json wanted{{"name", "owner"}, {"role", "panel"}, {"servers", std::move(servers)}, {"identity", true}};
    const auto made = as_admin("POST", "/v1/tokens", wanted);
    EXPECT_EQ(made.status, 201U) << made.body;
    return body_of(made).value("token", "");
  }
  http::Response import_as(const std::string& token, const json& servers, bool update, bool dry_run) {
    query_ = {{"update", update ? "true" : "false"}, {"dry_run", dry_run ? "true" : "false"}};
    auto response = ask(token, "POST", "/v1/servers:import", servers, {{"content-type", "application/json"}});
    query_.clear();
    return response;
  }
  json seen(const std::string& server) { return body_of(as_admin("GET", "/v1/servers/" + server)); }

  const std::vector<std::pair<std::string, json>> of_the_other_{
      {"macs", {"52:54:00:00:00:02"}}, {"uuid", uuid}, {"serial", "B5VFS12"}, {"address", "203.0.113.8"}};
  const std::vector<std::pair<std::string, json>> changes_{{"macs", {"52:54:00:00:00:01", "52:54:00:00:00:09"}},
                                                           {"macs", {"52:54:00:00:00:09"}},
                                                           {"uuid", uuid},
                                                           {"uuid", "4c4c4544-0042-3510-8056-b4c04f463199"},
                                                           {"serial", "S-1"},
                                                           {"address", "203.0.113.9"},
                                                           {"address", nullptr},
                                                           {"tags", {"eu"}}};
  std::string bound_;
};

TEST_F(Identity, OfASerialNumberIsTheSameInEitherCase) {
  const auto refused = as_admin("PATCH", "/v1/servers/web-01", {{"serial", "b5vfs12"}});
  EXPECT_EQ(refused.status, 409U) << refused.body;
  EXPECT_NE(refused.body.find("the serial number b5vfs12 belongs to the server"), std::string::npos) << refused.body;
  const json other{{"name", "web-07"}, {"macs", {"52:54:00:00:00:07"}}, {"serial", "B5vfs12"}};
  EXPECT_EQ(as_admin("POST", "/v1/servers", other).status, 409U);
  EXPECT_EQ(import_as(admin_, json::array({other}), false, false).status, 409U);
}

TEST_F(Identity, IsChangedByAdminsOnly) {
  const auto before = seen("web-01");
  const auto unbound = token("p", Role::panel);
  for (const auto& who : {bound_, unbound}) {
    for (const auto& [member, value] : changes_) {
      const auto response = ask(who, "PATCH", "/v1/servers/web-01", {{member, value}});
      EXPECT_EQ(response.status, 403U) << member << ": " << response.body;
    }
    EXPECT_EQ(ask(who, "DELETE", "/v1/servers/web-01").status, 403U);
    const json added{{"name", "web-07"}, {"macs", {"52:54:00:00:00:07"}}};
    EXPECT_EQ(ask(who, "POST", "/v1/servers", added).status, 403U);
    for (const bool dry_run : {false, true}) {
      EXPECT_EQ(import_as(who, json::array({added}), false, dry_run).status, 403U);
      for (const auto& [member, value] : changes_) {
        if (value.is_null()) continue;
        EXPECT_EQ(import_as(who, {{{"name", "web-01"}, {member, value}}}, true, dry_run).status, 403U) << member;
      }
    }
  }
  EXPECT_EQ(seen("web-01"), before);
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-07").status, 404U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-01", {{"serial", "S-1"}, {"address", "203.0.113.9"}}).status, 200U);
}

TEST_F(Identity, StaysWhatItIsWhereAPanelChangesTheRest) {
  EXPECT_EQ(ask(bound_, "PATCH", "/v1/servers/web-01", {{"notes", "slow fan"}, {"loader", "\\EFI\\x.efi"}}).status,
            200U);
  const json as_it_was{{"macs", {"52:54:00:00:00:01"}}, {"address", "203.0.113.7"}, {"notes", "quiet"}};
  EXPECT_EQ(ask(bound_, "PATCH", "/v1/servers/web-01", as_it_was).status, 200U) << "what it is already may be said";
  EXPECT_EQ(import_as(bound_, {{{"name", "web-01"}, {"notes", "imported"}}}, true, false).status, 200U);
  EXPECT_EQ(seen("web-01")["notes"], "imported");
}

TEST_F(Identity, OfAnotherServerIsRefusedWithoutNamingIt) {
  for (const auto& [member, value] : of_the_other_) {
    const auto response = ask(bound_, "PATCH", "/v1/servers/web-01", {{member, value}});
    EXPECT_EQ(response.status, 403U) << member;
    EXPECT_EQ(response.body.find("db-01"), std::string::npos) << response.body;
  }
}

TEST_F(Identity, OfAnotherServerIsNotNamedToWhoMayChangeItsOwn) {
  const auto owner = with_identity({"web-01", "web-07"});
  EXPECT_EQ(ask(owner, "PATCH", "/v1/servers/web-01", {{"serial", "S-1"}}).status, 200U);
  for (const auto& [member, value] : of_the_other_) {
    std::vector<http::Response> refused{ask(owner, "PATCH", "/v1/servers/web-01", {{member, value}})};
    json added{{"name", "web-07"}, {"macs", {"52:54:00:00:00:07"}}};
    added[member] = value;
    refused.push_back(ask(owner, "POST", "/v1/servers", added));
    for (const bool dry_run : {false, true}) {
      refused.push_back(import_as(owner, {{{"name", "web-01"}, {member, value}}}, true, dry_run));
      refused.push_back(import_as(owner, json::array({added}), false, dry_run));
    }
    for (const auto& response : refused) {
      EXPECT_EQ(response.status, 409U) << member << ": " << response.body;
      EXPECT_EQ(response.body.find("db-01"), std::string::npos) << response.body;
    }
    EXPECT_NE(as_admin("PATCH", "/v1/servers/web-01", {{member, value}}).body.find("db-01"), std::string::npos)
        << "who sees both is told";
  }
  EXPECT_EQ(ask(owner, "POST", "/v1/servers", {{"name", "web-07"}, {"macs", {"52:54:00:00:00:07"}}}).status, 201U);
  EXPECT_EQ(ask(owner, "POST", "/v1/servers", {{"name", "web-08"}, {"macs", {"52:54:00:00:00:08"}}}).status, 403U);
  EXPECT_EQ(ask(owner, "DELETE", "/v1/servers/web-07").status, 204U);
}

TEST_F(Identity, IsForPanelsOnly) {
  for (const auto* const role : {"admin", "operator", "read-only"}) {
    EXPECT_EQ(as_admin("POST", "/v1/tokens", {{"name", "x"}, {"role", role}, {"identity", true}}).status, 400U) << role;
  }
  (void)with_identity({"web-01"});
  std::map<std::string, bool> said;
  const auto listed = body_of(as_admin("GET", "/v1/tokens"));
  for (const auto& token : listed["tokens"]) said[token["name"]] = token["identity"];
  EXPECT_EQ(said, (std::map<std::string, bool>{{"admin", true}, {"bound", false}, {"owner", true}}));
}

TEST_F(Identity, HasAnAddressOfItsOwn) {
  const json other{{"name", "web-02"}, {"macs", {"52:54:00:00:00:03"}}, {"address", "203.0.113.7"}};
  EXPECT_EQ(as_admin("POST", "/v1/servers", other).status, 409U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/db-01", {{"address", "203.0.113.7"}}).status, 409U);
  for (const bool dry_run : {true, false}) {
    const auto imported = import_as(admin_, json::array({other}), false, dry_run);
    ASSERT_EQ(imported.status, 409U);
    EXPECT_EQ(body_of(imported)["errors"][0]["field"], "address");
  }
  const json two{{{"name", "a"}, {"macs", {"52:54:00:00:00:04"}}, {"address", "2001:db8::7"}},
                 {{"name", "b"}, {"macs", {"52:54:00:00:00:05"}}, {"address", "2001:db8::7"}}};
  EXPECT_EQ(import_as(admin_, two, false, false).status, 409U);
  const json swapped{{{"name", "web-01"}, {"address", "203.0.113.8"}}, {{"name", "db-01"}, {"address", "203.0.113.7"}}};
  EXPECT_EQ(import_as(admin_, swapped, true, false).status, 200U);
  EXPECT_EQ(seen("web-01")["address"], "203.0.113.8");
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-01", {{"address", nullptr}}).status, 200U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/db-01", {{"address", nullptr}}).status, 200U) << "none is not one address";
  EXPECT_EQ(as_admin("POST", "/v1/servers", other).status, 201U);
}

/// Three servers with one address, in a database from before addresses had to be unique.
class SharedAddress : public Identity {
protected:
  void SetUp() override {
    Identity::SetUp();
    servers().add(server_named("web-02", "52:54:00:00:00:03"));
    router_.reset();
    store_.reset();
    constexpr int schema_before = 12;
    auto before = sql();
    for (const auto* const index : {"servers_by_address", "servers_of_address", "tasks_by_end", "tasks_of_lease",
                                    "sessions_by_age", "leases_by_end", "boot_tokens_by_end", "boot_tokens_of_lease",
                                    "tasks_to_take_back", "servers_by_lower_serial", "servers_of_lower_serial"}) {
      before << fmt::format("DROP INDEX {}", index);
    }
    for (const auto* const column : {"shares_address", "shares_serial"}) {
      before << fmt::format("ALTER TABLE servers DROP COLUMN {}", column);
    }
    before << "ALTER TABLE api_tokens DROP COLUMN identity";
    before << "ALTER TABLE sessions DROP COLUMN command_ticket";
    for (const auto* const column : {"taken_up", "take_back", "ticket"}) {
      before << fmt::format("ALTER TABLE tasks DROP COLUMN {}", column);
    }
    for (const auto* const column : {"link", "code", "auth"}) {
      before << fmt::format("ALTER TABLE rescue_requests DROP COLUMN {}", column);
    }
    before << "ALTER TABLE leases DROP COLUMN announced_end_ms";
    for (const auto* const table : {"console_viewers", "console_passes", "deliveries", "secret_visits", "secret_links"})
      before << fmt::format("DROP TABLE {}", table);
    before << "UPDATE schema_version SET version = " << schema_before;
    before << "UPDATE servers SET address = '203.0.113.7'";
    open();
    make();
  }
};

/// Two serial numbers that differ only in case, from before case was ignored.
TEST_F(SharedAddress, SoIsASerialNumber) {
  sql() << "UPDATE servers SET serial = 'b5vfs12', shares_serial = 1 WHERE name = 'web-01'";
  for (const auto* const name : {"web-01", "db-01"}) {
    EXPECT_EQ(as_admin("PATCH", std::string("/v1/servers/") + name, {{"notes", "seen"}}).status, 200U) << name;
  }
  const json same{{{"name", "web-01"}, {"notes", "a"}}, {{"name", "db-01"}, {"notes", "b"}}};
  EXPECT_EQ(import_as(admin_, same, true, false).status, 200U);
  const json third{{"name", "web-07"}, {"macs", {"52:54:00:00:00:07"}}, {"serial", "B5vfs12"}};
  EXPECT_EQ(as_admin("POST", "/v1/servers", third).status, 409U);
  EXPECT_EQ(import_as(admin_, json::array({third}), false, false).status, 409U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-02", {{"serial", "B5VFS12"}}).status, 409U);
}

TEST_F(SharedAddress, IsKeptByAnUpgradeUntilItIsChanged) {
  EXPECT_EQ(store().schema(), newest_schema());
  for (const auto* const name : {"web-01", "web-02", "db-01"}) EXPECT_EQ(seen(name)["address"], "203.0.113.7") << name;
  for (const auto* const name : {"web-01", "web-02"}) {
    EXPECT_EQ(as_admin("PATCH", std::string("/v1/servers/") + name, {{"notes", "seen"}}).status, 200U) << name;
  }
  const json same{{{"name", "web-01"}, {"notes", "a"}}, {{"name", "web-02"}, {"notes", "b"}}};
  const auto imported = import_as(admin_, same, true, false);
  EXPECT_EQ(imported.status, 200U) << imported.body;
  EXPECT_EQ(seen("web-02")["notes"], "b");
  EXPECT_EQ(ask(bound_, "GET", "/v1/servers/web-01").status, 200U) << "tokens of before are as good as they were";
}

TEST_F(SharedAddress, IsGivenToNobodyElseOnceItWasCorrected) {
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-02", {{"address", "203.0.113.20"}}).status, 200U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-02", {{"address", "203.0.113.7"}}).status, 409U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-01", {{"address", "203.0.113.21"}}).status, 200U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-01", {{"address", "203.0.113.7"}}).status, 409U) << "db-01 has it";
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/db-01", {{"address", "203.0.113.22"}}).status, 200U);
  EXPECT_EQ(as_admin("PATCH", "/v1/servers/web-01", {{"address", "203.0.113.7"}}).status, 200U);
}

}  // namespace
}  // namespace rescue::netboot::api
