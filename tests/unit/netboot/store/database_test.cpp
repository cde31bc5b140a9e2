// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/database_listener.hpp"
#include "netboot/store/database_url.hpp"
#include "netboot/store/rows.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <nlohmann/json.hpp>

#include <future>
#include <vector>

namespace rescue::netboot {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

/// A second store on the same database, with its own clock: another netbootd.
class TwoStores : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    other_ = std::make_unique<Store>(settings(), LeaseLimits{}, other_clock());
  }
  void TearDown() override {
    other_.reset();
    Stored::TearDown();
  }
  [[nodiscard]] virtual const Clock& other_clock() const { return clock_; }
  [[nodiscard]] Store& other() { return *other_; }

private:
  std::unique_ptr<Store> other_;
};

TEST_F(TwoStores, SeeTheSame) {
  servers().add(server_named("web-01"));
  (void)Leases(other()).grant(web_, rescue_for(hours(1)));
  EXPECT_EQ(boot(), BootMode::rescue_windows);
  EXPECT_NE(store().database().replica(), other().database().replica());
}

TEST_F(TwoStores, ServeALeaseOfPolicyOnceOnce) {
  servers().add(server_named("web-01"));
  (void)leases().grant(web_, rescue_for(hours(4), LeasePolicy::once));
  std::vector<std::future<BootMode>> boots;
  constexpr int threads = 16;
  boots.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    auto& asked = i % 2 == 0 ? store() : other();
    boots.push_back(std::async(std::launch::async, [&asked] {
      return BootRecords(asked).boot(ServerName::parse("web-01"), true).value().mode;
    }));
  }
  int rescued = 0;
  for (auto& one : boots) rescued += one.get() == BootMode::rescue_windows ? 1 : 0;
  EXPECT_EQ(rescued, 1);
}

TEST_F(TwoStores, RefuseAServerThatTheOtherAddsAtTheSameTime) {
  std::vector<std::future<bool>> added;
  for (auto* const asked : {&store(), &other(), &store(), &other()}) {
    added.push_back(std::async(std::launch::async, [asked] {
      try {
        Servers(*asked).add(server_named("web-01"));
        return true;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::conflict) << error.what();
        return false;
      }
    }));
  }
  int count = 0;
  for (auto& one : added) count += one.get() ? 1 : 0;
  EXPECT_EQ(count, 1);
  EXPECT_EQ(all_servers().size(), 1U);
}

TEST_F(TwoStores, ReadWhileSomebodyWrites) {
  servers().add(server_named("web-01"));
  store().database().write([&](soci::session& session) {
    rows::end_current_lease(session, "web-01", clock_.wall(), "nobody");
    rows::lock_server(session, web_);
    const auto read = [](Store& asked) { return Servers(asked).find({}).servers.size(); };
    auto here = std::async(std::launch::async, read, std::ref(store()));
    auto there = std::async(std::launch::async, read, std::ref(other()));
    EXPECT_EQ(here.wait_for(seconds(4)), std::future_status::ready);
    EXPECT_EQ(there.wait_for(seconds(4)), std::future_status::ready);
  });
}

TEST_F(TwoStores, WaitForEachOtherAndNotForEver) {
  servers().add(server_named("web-01"));
  auto hasty = settings();
  hasty.patience = Milliseconds(200);
  Store waiting(hasty, {}, clock_);
  store().database().write([&](soci::session& session) {
    rows::end_current_lease(session, "web-01", clock_.wall(), "nobody");
    rows::lock_server(session, web_);
    EXPECT_EQ(code_of([&] { (void)Leases(waiting).grant(web_, rescue_for(hours(1))); }), ErrorCode::unavailable);
  });
  EXPECT_NO_THROW((void)Leases(waiting).grant(web_, rescue_for(hours(1))));
}

TEST_F(TwoStores, TakeTurnsForTheConnectionsAndNotForEver) {
  auto narrow = settings();
  narrow.connections = 1;
  narrow.patience = Milliseconds(200);
  Store one(narrow, {}, clock_);
  one.database().read([&](soci::session&) {
    auto refused = std::async(std::launch::async, [&] { return code_of([&] { (void)Servers(one).find({}); }); });
    EXPECT_EQ(refused.get(), ErrorCode::unavailable);
  });
  EXPECT_NO_THROW((void)Servers(one).find({}));
}

TEST_F(TwoStores, KeepNothingOfATransactionThatFails) {
  EXPECT_THROW(store().database().write([&](soci::session& session) {
    session << "INSERT INTO servers (name, firmware, address, loader, created_ms) VALUES ('x', 'uefi', '', '', 0)";
    throw std::runtime_error("in the middle");
  }),
               std::runtime_error);
  EXPECT_TRUE(all_servers().empty());
  EXPECT_EQ(
      code_of([&] { store().database().write([](soci::session& session) { session << "INSERT INTO nothing"; }); }),
      ErrorCode::unavailable);
  EXPECT_NO_THROW(servers().add(server_named("web-01"))) << "the connection is usable";
}

TEST_F(TwoStores, WriteNothingWhereTheyOnlyRead) {
  EXPECT_EQ(code_of([&] { store().database().read([](soci::session& session) { session << "DELETE FROM servers"; }); }),
            ErrorCode::unavailable);
}

/// Properties of a server: it restarts, and has a clock.
class OnPostgresql : public TwoStores {
protected:
  void SetUp() override {
    if (!on_postgresql()) GTEST_SKIP() << "unit_netboot_store.on_postgresql runs it";
    TwoStores::SetUp();
    for (auto* const told : {&here_, &there_}) {
      auto& of = told == &here_ ? store() : other();
      told->subscription = of.changes().subscribe([told](const Change& change) {
        {
          const std::lock_guard lock(told->mutex);
          told->changes.push_back(change);
        }
        told->came.notify_all();
      });
    }
  }
  void TearDown() override {
    here_.subscription = {};
    there_.subscription = {};
    TwoStores::TearDown();
  }
  [[nodiscard]] const Clock& other_clock() const override { return wrong_clock_; }

  struct Told {
    std::mutex mutex;
    std::condition_variable came;
    std::vector<Change> changes;
    Changes::Subscription subscription;

    bool has(const Change& change) {
      std::unique_lock lock(mutex);
      return came.wait_for(lock, seconds(10),
                           [&] { return std::find(changes.begin(), changes.end(), change) != changes.end(); });
    }
  };

  tests::FakeClock wrong_clock_;
  Told here_;
  Told there_;
};

TEST_F(OnPostgresql, GoesByTheDatabasesClock) {
  wrong_clock_.advance(hours(24));
  servers().add(server_named("web-01"));
  (void)Leases(other()).grant(web_, rescue_for(hours(4)));
  EXPECT_EQ(boot(), BootMode::rescue_windows);
  EXPECT_EQ(Servers(other()).state(web_).lease.value().expires, clock_.wall() + hours(4));
  wrong_clock_.advance(hours(24));
  EXPECT_EQ(Servers(other()).state(web_).mode, BootMode::rescue_windows);
  clock_.advance(hours(4));
  EXPECT_EQ(Servers(other()).state(web_).mode, BootMode::disk);
}

TEST_F(OnPostgresql, TellsTheOthersOnceEach) {
  servers().add(server_named("web-01"));
  const Change change{Change::Kind::server, "web-01", "web-01"};
  EXPECT_TRUE(there_.has(change));
  Servers(other()).remove(web_);
  Servers(other()).add(server_named("db-01", "52:54:00:00:00:02"));
  EXPECT_TRUE(here_.has({Change::Kind::server, "db-01", "db-01"})) << "which comes after all that came before it";
  const std::lock_guard lock(here_.mutex);
  EXPECT_EQ(std::count(here_.changes.begin(), here_.changes.end(), change), 2) << "its own, and the other's";
}

TEST_F(OnPostgresql, SaysThatSomethingMayHaveBeenMissed) {
  sql() << "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN netbootd'";
  EXPECT_TRUE(here_.has({}));
  EXPECT_TRUE(there_.has({}));
  servers().add(server_named("web-01"));
  EXPECT_TRUE(there_.has({Change::Kind::server, "web-01", "web-01"}));
}

TEST_F(OnPostgresql, ComesBackWithTheServer) {
  servers().add(server_named("web-01"));
  auto& server = RealPostgresql::shared();
  server.stop();
  EXPECT_EQ(code_of([&] { (void)all_servers(); }), ErrorCode::unavailable);
  EXPECT_EQ(code_of([&] { (void)leases().grant(web_, rescue_for(hours(1))); }), ErrorCode::unavailable);
  server.start();
  const auto deadline = std::chrono::steady_clock::now() + seconds(10);
  auto back = false;
  while (!back && std::chrono::steady_clock::now() < deadline) {
    try {
      back = all_servers().size() == 1;
    } catch (const Error&) {
      std::this_thread::sleep_for(Milliseconds(50));  // polls another process
    }
  }
  EXPECT_TRUE(back);
  EXPECT_TRUE(here_.has({})) << "something may have been missed";
  EXPECT_NO_THROW((void)leases().grant(web_, rescue_for(hours(1))));
}

TEST_F(OnPostgresql, NoticesNothingOfConnectionsThatWereCutMeanwhile) {
  (void)all_servers();
  sql() << "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
           " AND datname = current_database()";
  EXPECT_NO_THROW((void)all_servers());
}

TEST_F(OnPostgresql, ReadsWhereNothingMayBeWritten) {
  servers().add(server_named("web-01"));
  sql() << "ALTER DATABASE " + database_ + " SET default_transaction_read_only = on";
  sql() << "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
           " AND datname = current_database()";
  EXPECT_EQ(code_of([&] { (void)leases().grant(web_, rescue_for(hours(1))); }), ErrorCode::unavailable);
  EXPECT_EQ(servers().state(web_).mode, BootMode::disk);
}

TEST_F(OnPostgresql, GivesUpOnAStatementThatTakesTooLong) {
  auto hasty = settings();
  hasty.statement = Milliseconds(200);
  Store one(hasty, {}, clock_);
  EXPECT_EQ(code_of([&] { one.database().read([](soci::session& session) { session << "SELECT pg_sleep(30)"; }); }),
            ErrorCode::unavailable);
  EXPECT_NO_THROW((void)Servers(one).find({}));
}

TEST_F(OnPostgresql, GivesUpOnAServerThatHangs) {
  auto hasty = settings();
  hasty.transaction = Milliseconds(700);
  Store one(hasty, {}, clock_);
  int pid = 0;
  EXPECT_EQ(code_of([&] {
              one.database().read([&](soci::session& session) {
                session << "SELECT pg_backend_pid()", soci::into(pid);
                ASSERT_EQ(::kill(pid, SIGSTOP), 0);
                session << "SELECT 1";
              });
            }),
            ErrorCode::unavailable);
  EXPECT_NO_THROW((void)Servers(one).find({})) << "on another connection";
  ::kill(pid, SIGCONT);
}

TEST_F(OnPostgresql, NamesAServerThatIsNotThere) {
  auto nowhere = settings();
  nowhere.url = "postgresql:///netbootd?host=" + folder_;
  EXPECT_EQ(code_of([&] { const Store one(nowhere, {}, clock_); }), ErrorCode::unavailable);
}

TEST(DatabaseUrl, IsLibpqsWithoutAPassword) {
  EXPECT_EQ(fault_of_database_url("postgresql://netbootd@db.example.com:5433/netbootd?sslmode=verify-full"), "");
  EXPECT_EQ(fault_of_database_url("postgresql:///netbootd?host=/run/postgresql"), "");
  EXPECT_NE(fault_of_database_url("postgresql://netbootd:s3cret@db.example.com/netbootd"), "");
  EXPECT_NE(fault_of_database_url("mysql://x/y"), "");
  EXPECT_NE(fault_of_database_url("postgresql://x/y?sslmod=off"), "");
}

TEST(DatabaseUrl, GetsThePasswordAndLimits) {
  const tests::ScratchFolder folder;
  const auto file = folder.file("password");
  write_file_atomically(file, "it's \\ secret\n", 0600);
  DatabaseSettings settings;
  settings.url = "postgresql://netbootd@db.example.com/netbootd?sslmode=verify-full&connect_timeout=2";
  settings.password_file = file;
  const auto line = connection_string(settings);
  const auto has = [&](std::string_view part) { return line.reveal().find(part) != std::string_view::npos; };
  EXPECT_TRUE(has(R"(password='it\'s \\ secret')")) << line.reveal();
  EXPECT_TRUE(has("sslmode='verify-full'"));
  EXPECT_TRUE(has("connect_timeout='2'")) << "the operator's";
  EXPECT_TRUE(has("tcp_user_timeout='"));
  write_file_atomically(file, "word", 0644);
  EXPECT_EQ(code_of([&] { (void)connection_string(settings); }), ErrorCode::denied) << "others may read it";
}

TEST(DatabaseListener, SendsAllWhereTheListIsTooLong) {
  std::vector<Change> changes(10, Change{Change::Kind::task, "t-1", "web-01"});
  EXPECT_EQ(nlohmann::json::parse(DatabaseListener::to_text("me", changes))["changes"].size(), 10U);
  changes.resize(1'000, changes.front());
  const auto text = DatabaseListener::to_text("me", changes);
  EXPECT_LT(text.size(), 8'000U);
  EXPECT_EQ(nlohmann::json::parse(text)["changes"].size(), 1U);
}

}  // namespace
}  // namespace rescue::netboot
