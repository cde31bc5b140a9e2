// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "core/log.hpp"
#include "netboot/domain/acting.hpp"
#include "netboot/service/audit_log.hpp"
#include "netboot/store/database.hpp"
#include "tests/unit/netboot/api_under_test.hpp"

#include <filesystem>

namespace rescue::netboot::api {
namespace {

class Audit : public ApiUnderTest {
protected:
  void SetUp() override {
    ApiUnderTest::SetUp();
    servers().add(server_named("web-01"));
  }
  json entries() { return body_of(as_admin("GET", "/v1/audit"))["entries"]; }
};

constexpr auto boot_mode_path = "/v1/servers/web-01/boot-mode";

TEST_F(Audit, HasOneEntryOfAChangeWithBeforeAndAfter) {
  const auto operating = token("ops", Role::operating);
  ASSERT_EQ(ask(operating, "PUT", boot_mode_path, {{"mode", "rescue-windows"}, {"reason", "ticket 1"}}).status, 200U);
  const auto found = entries();
  ASSERT_EQ(found.size(), 1U) << found;
  const auto& entry = found[0];
  EXPECT_EQ(entry["who"], "ops");
  EXPECT_EQ(entry["role"], "operator");
  EXPECT_EQ(entry["token"], "k-2");
  EXPECT_EQ(entry["method"], "PUT");
  EXPECT_EQ(entry["route"], "/v1/servers/{name}/boot-mode");
  EXPECT_EQ(entry["server"], "web-01");
  EXPECT_EQ(entry["address"], "192.0.2.99");
  EXPECT_EQ(entry["request_id"], "request-1");
  EXPECT_EQ(entry["outcome"], "done");
  EXPECT_EQ(entry["at"], rfc3339(clock_.wall()));
  EXPECT_TRUE(entry["before"]["lease"].is_null());
  EXPECT_EQ(entry["after"]["lease"]["reason"], "ticket 1");
}

TEST_F(Audit, HasOneEntryOfWhatIsAddedAndRemoved) {
  ASSERT_EQ(as_admin("POST", "/v1/servers", {{"name", "db-01"}, {"macs", {"52:54:00:00:00:02"}}}).status, 201U);
  ASSERT_EQ(as_admin("DELETE", "/v1/servers/db-01").status, 204U);
  const auto found = entries();
  ASSERT_EQ(found.size(), 2U) << found;
  EXPECT_TRUE(found[0]["after"].is_null());
  EXPECT_EQ(found[0]["before"]["name"], "db-01");
  EXPECT_EQ(found[1]["server"], "db-01");
  EXPECT_TRUE(found[1]["before"].is_null());
  EXPECT_EQ(found[1]["after"]["macs"], json({"52:54:00:00:00:02"}));
}

TEST_F(Audit, HasOneEntryOfATokenMadeAndRevoked) {
  const auto made = body_of(as_admin("POST", "/v1/tokens", {{"name", "x"}, {"role", "panel"}}));
  ASSERT_EQ(as_admin("DELETE", "/v1/tokens/" + made["id"].get<std::string>()).status, 204U);
  const auto found = entries();
  ASSERT_EQ(found.size(), 2U) << found;
  EXPECT_EQ(found[1]["after"]["name"], "x");
  EXPECT_TRUE(found[0]["before"]["revoked_at"].is_null());
  EXPECT_FALSE(found[0]["after"]["revoked_at"].is_null());
}

TEST_F(Audit, SaysWhatFailedAndWhatWasDenied) {
  const auto reading = token("look", Role::read_only);
  EXPECT_EQ(ask(reading, "PUT", boot_mode_path, {{"mode", "disk"}}).status, 403U);
  EXPECT_EQ(ask(reading, "GET", "/v1/tokens").status, 403U);
  EXPECT_EQ(as_admin("POST", "/v1/servers", {{"name", "web-01"}, {"macs", {"52:54:00:00:00:09"}}}).status, 409U);
  EXPECT_EQ(as_admin("POST", "/v1/servers", {{"nmae", "x"}}).status, 400U);
  const auto found = entries();
  ASSERT_EQ(found.size(), 4U) << found;
  EXPECT_EQ(found[0]["outcome"], "failed");
  EXPECT_EQ(found[0]["error"], "usage");
  EXPECT_EQ(found[1]["error"], "conflict");
  EXPECT_EQ(found[2]["outcome"], "denied");
  EXPECT_EQ(found[2]["route"], "/v1/tokens");
  EXPECT_EQ(found[3]["outcome"], "denied");
  EXPECT_EQ(options_.refusals->denied, 2U);
}

TEST_F(Audit, CountsWhoComesWithoutAToken) {
  EXPECT_EQ(ask("", "GET", "/v1/servers").status, 401U);
  EXPECT_EQ(ask("rescue_wrong", "DELETE", "/v1/servers/web-01").status, 401U);
  EXPECT_EQ(options_.refusals->unauthenticated, 2U);
  EXPECT_EQ(entries().size(), 0U) << "who has no token could fill it";
}

TEST_F(Audit, SaysNothingOfWhoOnlyLooks) {
  EXPECT_EQ(as_admin("GET", "/v1/servers/web-01").status, 200U);
  EXPECT_EQ(entries().size(), 0U);
}

TEST_F(Audit, IsNeitherThereNorIsTheChangeWhenTheTransactionFails) {
  const auto change = [&] {
    const ActingScope scope({"r", "x", "admin", "k-1", "PUT", "/v1/x", "web-01", "::1", clock_.wall()});
    store().database().write([](soci::session& session, ChangeSet& changed) {
      session << "UPDATE servers SET loader = 'x'";
      changed.server("web-01");
      throw Error(ErrorCode::internal, "too late");
    });
  };
  EXPECT_EQ(code_of(change), ErrorCode::internal);
  EXPECT_EQ(entries().size(), 0U);
  EXPECT_EQ(servers().state(web_).server.loader, "");
}

TEST_F(Audit, CanNeitherBeChangedNorShortened) {
  ASSERT_EQ(as_admin("PUT", boot_mode_path, {{"mode", "disk"}}).status, 200U);
  for (const auto* const statement : {"UPDATE audit_log SET who = 'nobody'", "DELETE FROM audit_log"}) {
    EXPECT_THROW(store().database().write([&](soci::session& session) { session << statement; }), Error) << statement;
  }
  EXPECT_EQ(entries().size(), 1U);
}

TEST_F(Audit, IsFilteredAndComesInPages) {
  servers().add(server_named("db-01", "52:54:00:00:00:02"));
  const auto ops = token("ops", Role::operating);
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(as_admin("PUT", boot_mode_path, {{"mode", "disk"}}).status, 200U);
    clock_.advance(std::chrono::minutes(1));
  }
  ASSERT_EQ(ask(ops, "PUT", "/v1/servers/db-01/boot-mode", {{"mode", "disk"}}).status, 200U);
  const auto size = [&](std::map<std::string, std::string> query) {
    query_ = std::move(query);
    return entries().size();
  };
  EXPECT_EQ(size({{"server", "db-01"}}), 1U);
  EXPECT_EQ(size({{"token", "ops"}}), 1U);
  EXPECT_EQ(size({{"token", "k-1"}}), 5U);
  const auto middle = rfc3339(clock_.wall() - std::chrono::minutes(3));
  EXPECT_EQ(size({{"since", middle}}), 4U);
  EXPECT_EQ(size({{"until", middle}}), 2U);
  query_ = {{"limit", "4"}};
  const auto first = body_of(as_admin("GET", "/v1/audit"));
  EXPECT_EQ(first["entries"].size(), 4U);
  query_["cursor"] = first["next"];
  const auto second = body_of(as_admin("GET", "/v1/audit"));
  EXPECT_EQ(second["entries"].size(), 2U);
  EXPECT_TRUE(second["next"].is_null());
  for (const auto& wrong :
       {std::pair{"limit", "0"}, std::pair{"cursor", "x"}, std::pair{"since", "now"}, std::pair{"servers", "x"}}) {
    query_ = {wrong};
    EXPECT_EQ(as_admin("GET", "/v1/audit").status, 400U) << wrong.first;
  }
}

TEST_F(Audit, IsExportedAsLines) {
  for (int i = 0; i < 3; ++i) (void)as_admin("PUT", boot_mode_path, {{"mode", "disk"}});
  const auto lines = as_admin("GET", "/v1/audit", {}, {{"accept", "application/x-ndjson"}});
  EXPECT_EQ(lines.content_type, "application/x-ndjson");
  EXPECT_EQ(std::count(lines.body.begin(), lines.body.end(), '\n'), 3);
  EXPECT_EQ(json::parse(lines.body.substr(0, lines.body.find('\n')))["server"], "web-01");
}

TEST_F(Audit, NamesTheServersOfALargeChange) {
  const ActingScope scope({"r", "x", "admin", "k-1", "POST", "/v1/x", "", "::1", clock_.wall()});
  store().database().write([](soci::session&, ChangeSet& changed) {
    for (int i = 0; i < 51; ++i) changed.server("s-" + std::to_string(i));
  });
  const auto found = AuditLog(store()).find({});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(json::parse(found[0].after)["servers"].size(), 51U);
}

TEST_F(Audit, KnowsTheRequestByTheIdThatTaskAndRescueHave) {
  const ActingScope scope({"request-7", "x", "admin", "k-1", "POST", "/v1/x", "web-01", "::1", clock_.wall()});
  Tasks tasks(store(), {});
  const auto task = tasks.begin_rescue(web_, rescue_for(std::chrono::hours(1)), false, std::chrono::minutes(30));
  EXPECT_EQ(tasks.find(task.id).request_id, "request-7");
  EXPECT_EQ(Sessions(store(), {}).request_of(task.lease).request_id, "request-7");
  EXPECT_EQ(AuditLog(store()).find({}).at(0).by.request_id, "request-7");
}

/// Searches all output and storage for the bytes of tokens and passwords.
TEST_F(Audit, HasNoSecretsNorHasTheDatabaseOrTheLog) {
  log::set_up("unit_netboot_service", log::Level::debug);
  const auto made = body_of(as_admin("POST", "/v1/tokens", {{"name", "x"}, {"role", "panel"}}));
  const auto agent = body_of(as_admin("POST", "/v1/servers/web-01/agent-token"))["token"].get<std::string>();
  const std::string password = "correct-horse-99";
  (void)ask("rescue_not-a-good-one", "GET", "/v1/servers");
  (void)ask(made["token"], "PUT", "/v1/servers/web-01/bmc",
            {{"address", "192.0.2.1"}, {"user", "u"}, {"password", password}});
  (void)as_admin("PUT", "/v1/servers/web-01/bmc", {{"address", "192.0.2.1"}, {"user", "u"}, {"password", password}});
  (void)as_admin("POST", "/v1/servers",
                 {{"name", "db-01"},
                  {"macs", {"52:54:00:00:00:02"}},
                  {"bmc", {{"address", "192.0.2.1"}, {"user", "u"}, {"password", password}}}},
                 {{"idempotency-key", "abc"}});
  std::string everything = as_admin("GET", "/v1/audit").body;
  for (const auto* const suffix : {"", "-wal"}) {
    if (std::filesystem::exists(path() + suffix)) everything += read_file(path() + suffix);
  }
  for (const auto& line : log::recent()) everything += line;
  EXPECT_NE(everything.find("web-01"), std::string::npos);
  for (const auto& secret :
       {made["token"].get<std::string>(), agent, admin_, password, std::string("not-a-good-one")}) {
    EXPECT_EQ(everything.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace rescue::netboot::api
