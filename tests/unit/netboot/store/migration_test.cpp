// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "netboot/service/sessions.hpp"
#include "netboot/service/tasks.hpp"
#include "netboot/store/migrations.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <future>
#include <vector>

namespace rescue::netboot {
namespace {

class Migration : public Stored {
  [[nodiscard]] bool empty_at_first() const override { return true; }
};

TEST_F(Migration, BringsAnEmptyDatabaseUpToDate) {
  EXPECT_EQ(store().schema(), newest_schema());
  open();
  EXPECT_EQ(store().schema(), newest_schema());
}

/// A SQLite database of an earlier version: tests/fixtures/netboot/schema-N.sql.
class EarlierSchema : public Stored, public ::testing::WithParamInterface<int> {
protected:
  void SetUp() override {
    if (on_postgresql()) GTEST_SKIP() << "earlier versions knew SQLite only";
    Stored::SetUp();
    store_.reset();
    for (const auto* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path() + suffix);
    Command sqlite;
    sqlite.argv = {"sqlite3", "-bail", path()};
    sqlite.input = read_file(fmt::format(RESCUE_SOURCE_DIR "/tests/fixtures/netboot/schema-{}.sql", GetParam()));
    run_checked(sqlite);
    // Moves the times in its rows to the test's clock.
    const auto now = std::chrono::duration_cast<Milliseconds>(clock_.wall().time_since_epoch()).count();
    sql() << "UPDATE leases SET granted_ms = granted_ms + :now, expires_ms = expires_ms + :later", soci::use(now),
        soci::use(now);
    open();
  }
};

TEST_P(EarlierSchema, IsBroughtUpToDate) {
  EXPECT_EQ(store().schema(), newest_schema());
  open();
  EXPECT_EQ(store().schema(), newest_schema());
}

TEST_P(EarlierSchema, KeepsItsServersAndLeases) {
  EXPECT_EQ(all_servers().size(), 2U);
  const auto state = servers().state(web_);
  EXPECT_EQ(state.server.address, "203.0.113.7");
  EXPECT_EQ(state.server.macs.size(), 2U);
  EXPECT_EQ(state.lease.value().reason, "locked out");
  EXPECT_EQ(tokens().recognise("an admin's token").caller.value().role, Role::admin);
  EXPECT_EQ(boot(), BootMode::rescue_windows);
  EXPECT_NO_THROW((void)leases().end(web_, "admin"));
  EXPECT_NO_THROW((void)leases().grant(web_, rescue_for(std::chrono::hours(1))));
  EXPECT_NO_THROW((void)leases().end(web_, "admin"));
  EXPECT_NO_THROW(servers().remove(web_));
}

TEST_F(Migration, TakesBmcsOfEarlierSchemasForIpmi) {
  servers().add(server_named("web-01"));
  sql() << "INSERT INTO bmcs (server, address, port, login, cipher_suite, sealed_password)"
           " VALUES ('web-01', '192.0.2.20', 623, 'rescue', 17, 'sealed')";
  const auto bmc = servers().state(web_).server.bmc.value();
  EXPECT_EQ(bmc.kind, BmcKind::ipmi);
  EXPECT_EQ(bmc.cipher_suite, 17U);
  EXPECT_EQ(bmc.fingerprint, "");
}

TEST_P(EarlierSchema, KeepsItsSessions) {
  if (GetParam() < 2) GTEST_SKIP() << "it had none";
  Sessions sessions(store(), AgentRules{});
  const auto session = sessions.find("s-0123456789abcdef").value();
  EXPECT_EQ(session.phase, "serving");
  EXPECT_EQ(sessions.request_of(session.lease).then, "poweroff");
  EXPECT_NO_THROW((void)sessions.report(session.id, {"finished", "{}", ""}));
}

TEST_P(EarlierSchema, TakesOverTasksThatWereInTheMiddle) {
  if (GetParam() < 3) GTEST_SKIP() << "it had none";
  EXPECT_EQ(servers().state(web_).server.bmc.value().user, "operator");
  Tasks tasks(store(), AgentRules{});
  const auto power = tasks.claim({}, Milliseconds(1'000)).value();
  EXPECT_EQ(power.task.kind, TaskKind::power);
  EXPECT_TRUE(power.taken_over) << "it may have been sent";
  tasks.release(power.task, Milliseconds(0));
  EXPECT_EQ(tasks.find(TaskQuery{}).size(), 2U) << "and one that is over";
}

INSTANTIATE_TEST_SUITE_P(Every, EarlierSchema, ::testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));

TEST_F(Migration, IsDoneOnceByNetbootdsThatStartTogether) {
  store_.reset();
  auto fresh = settings();
  if (on_postgresql()) {
    sql() << "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
  } else {
    fresh.path = folder_ + "/fresh.sqlite";
  }
  std::vector<std::future<int>> starts;
  for (int i = 0; i < 4; ++i) {
    starts.push_back(std::async(std::launch::async, [&] {
      const SystemClock clock;
      return Store(fresh, {}, clock).schema();
    }));
  }
  for (auto& start : starts) EXPECT_EQ(start.get(), newest_schema());
}

TEST_F(Migration, RefusesADatabaseOfANewerVersionAndLeavesItAlone) {
  store_.reset();
  sql() << "UPDATE schema_version SET version = 99";
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::precondition);
  int version = 0;
  sql() << "SELECT version FROM schema_version", soci::into(version);
  EXPECT_EQ(version, 99);
}

TEST_F(Migration, RefusesAFileThatIsNoDatabase) {
  if (on_postgresql()) GTEST_SKIP() << "files are SQLite's";
  store_.reset();
  write_file_atomically(path(), std::string(8192, 'x'), 0600);
  EXPECT_EQ(code_of([&] { open(); }), ErrorCode::io);
}

TEST_F(Migration, TakesAnEmptyFileForAnEmptyDatabase) {
  if (on_postgresql()) GTEST_SKIP() << "files are SQLite's";
  store_.reset();
  for (const auto* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path() + suffix);
  write_file_atomically(path(), "", 0600);
  open();
  EXPECT_EQ(store().schema(), newest_schema());
}

TEST_F(Migration, TellsADatabaseThatFailsFromOneThatAnswers) {
  EXPECT_NO_THROW(store().check());
  sql() << "ALTER TABLE servers RENAME TO elsewhere";
  EXPECT_EQ(code_of([&] { store().check(); }), ErrorCode::unavailable);
}

}  // namespace
}  // namespace rescue::netboot
