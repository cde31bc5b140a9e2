// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/boot/boot_book.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace rescue::netboot {
namespace {

class Book : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    servers().add(server_named("web-01"));
    book_ = std::make_unique<BootBook>(store(), full_catalogue());
  }
  void TearDown() override {
    book_.reset();
    Stored::TearDown();
  }

  static BootKey card(const std::string& mac = "52:54:00:00:00:01") { return {MacAddress::parse(mac).number()}; }
  void arm(LeasePolicy policy = LeasePolicy::until_finished) {
    (void)leases().grant(web_, rescue_for(std::chrono::hours(4), policy));
  }
  /// Changes the database without a notification, as another replica, an administrator, or a fault does.
  void behind_its_back(const std::string& statement) const { sql() << statement; }
  void take_database_away() const { behind_its_back("ALTER TABLE leases RENAME TO leases_away"); }
  void bring_database_back() const { behind_its_back("ALTER TABLE leases_away RENAME TO leases"); }
  bool boots_rescue() { return book_->boot(card(), true).mode == BootMode::rescue_windows; }

  std::unique_ptr<BootBook> book_;
};

TEST_F(Book, KnowsTheDisksOfItsServersAtOnce) {
  book_->catch_up(true);
  const auto answer = book_->at_once(card());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->server.value().server, "web-01");
  EXPECT_EQ(answer->mode, BootMode::disk);
  const auto unknown = book_->at_once(card("52:54:00:00:00:99"));
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->server);
}

TEST_F(Book, NeverAnswersARescueBootAtOnce) {
  arm();
  EXPECT_FALSE(book_->at_once(card()));
  book_->catch_up(true);
  EXPECT_FALSE(book_->at_once(card()));
  EXPECT_TRUE(boots_rescue());
}

TEST_F(Book, SeesWhatWasConfirmedJustBefore) {
  for (int i = 0; i < 50; ++i) {
    arm();
    ASSERT_TRUE(boots_rescue()) << i;
    (void)leases().end(web_, "test");
    ASSERT_FALSE(boots_rescue()) << i;
  }
  auto db = server_named("db-01", "52:54:00:00:00:02");
  servers().add(db);
  EXPECT_EQ(book_->boot(card("52:54:00:00:00:02"), true).server.value().server, "db-01");
  servers().remove(db.name);
  EXPECT_FALSE(book_->boot(card("52:54:00:00:00:02"), true).server);
}

TEST_F(Book, EndsALeaseByTheClockAlone) {
  arm();
  ASSERT_TRUE(boots_rescue());
  book_->catch_up(true);
  clock_.advance(std::chrono::hours(4));
  const auto answer = book_->at_once(card());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->mode, BootMode::disk);
}

TEST_F(Book, FindsWhatNobodyHasTold) {
  book_->catch_up(true);
  behind_its_back(
      "INSERT INTO leases (server, mode, policy, requested_by, reason, granted_ms, expires_ms, boots)"
      " SELECT 'web-01', 'rescue-windows', 'once', 'replica', '', 0, " +
      std::to_string(std::chrono::duration_cast<Milliseconds>(clock_.wall().time_since_epoch()).count() + 3'600'000) +
      ", 0");
  behind_its_back("INSERT INTO servers (name, firmware, address, loader, created_ms) VALUES ('db-01','bios','','',0)");
  behind_its_back("INSERT INTO server_macs (mac, server, position) VALUES ('52:54:00:00:00:02', 'db-01', 0)");
  book_->catch_up(true);
  EXPECT_TRUE(boots_rescue());
  EXPECT_EQ(book_->at_once(card("52:54:00:00:00:02")).value().server.value().server, "db-01");
}

TEST_F(Book, FindsEditsThatNobodyHasTold) {
  book_->catch_up(true);
  behind_its_back("UPDATE servers SET loader = '\\EFI\\x.efi', serial = 'B5VFS12', version = version + 1");
  EXPECT_FALSE(book_->at_once(BootKey("B5VFS12")).value().server);
  book_->catch_up(false);
  EXPECT_FALSE(book_->at_once(BootKey("B5VFS12")).value().server) << "nobody has looked";
  book_->catch_up(true);
  EXPECT_EQ(book_->at_once(card()).value().server.value().disk.loader, "\\EFI\\x.efi");
  EXPECT_EQ(book_->at_once(BootKey("B5VFS12")).value().server.value().server, "web-01");
}

TEST_F(Book, FindsAServerThatWasMadeAnewAndNobodyHasTold) {
  book_->catch_up(true);
  behind_its_back("DELETE FROM server_macs");
  behind_its_back("DELETE FROM servers");
  behind_its_back("INSERT INTO servers (name, firmware, address, loader, created_ms) VALUES ('web-02','bios','','',7)");
  behind_its_back("INSERT INTO server_macs (mac, server, position) VALUES ('52:54:00:00:00:01', 'web-02', 0)");
  book_->catch_up(true);
  EXPECT_EQ(book_->at_once(card()).value().server.value().server, "web-02");
}

TEST_F(Book, FollowsWhatTellsServersApart) {
  constexpr UuidNumber uuid{0x4c4c454400423510, 0x8056b4c04f463132};
  const auto know = [this](const ServerName& name, const std::string& number, const std::string& serial) {
    (void)servers().change(name, [&](Server& server) {
      server.uuid = number;
      server.serial = serial;
    });
  };
  const auto owner = [this](const BootKey& key) {
    const auto answer = book_->boot(key, true);
    return answer.server ? answer.server->server : "";
  };
  know(web_, uuid.text(), "B5VFS12");
  EXPECT_EQ(owner(uuid), "web-01");
  EXPECT_EQ(owner("B5VFS12"), "web-01");
  const auto db = server_named("db-01", "52:54:00:00:00:02");
  servers().add(db);
  know(web_, "", "");
  know(db.name, uuid.text(), "B5VFS12");
  EXPECT_EQ(owner(uuid), "db-01") << "they have moved";
  EXPECT_EQ(owner("B5VFS12"), "db-01");
  book_->catch_up(true);
  servers().remove(web_);
  EXPECT_EQ(owner("B5VFS12"), "db-01");
  servers().remove(db.name);
  EXPECT_EQ(owner("B5VFS12"), "");
  EXPECT_EQ(owner(uuid), "");
}

TEST_F(Book, CountsNoBootOfWhatTheCatalogueDoesNotHave) {
  auto request = rescue_for(std::chrono::hours(4));
  request.mode = BootMode::try_parse("taken-out").value();
  (void)leases().grant(web_, request);
  EXPECT_EQ(book_->boot(card(), true).mode, request.mode);
  EXPECT_EQ(servers().state(web_).lease.value().boots, 0U);
  book_->catch_up(true);
  take_database_away();
  EXPECT_EQ(book_->boot(card(), true).mode, request.mode);
  EXPECT_EQ(book_->boot(card(), true).server.value().lease.value().boots, 0U);
}

TEST_F(Book, KeepsToTheLastWordWhileTheDatabaseIsAway) {
  arm();
  book_->catch_up(true);
  take_database_away();
  EXPECT_TRUE(boots_rescue());
  EXPECT_EQ(book_->boot(card("52:54:00:00:00:99"), true).mode, BootMode::disk) << "unknown: the disk";
}

TEST_F(Book, BootsOnceAlsoWhileTheDatabaseIsAway) {
  arm(LeasePolicy::once);
  book_->catch_up(true);
  take_database_away();
  EXPECT_TRUE(boots_rescue());
  EXPECT_FALSE(boots_rescue());
  EXPECT_TRUE(book_->at_once(card())) << "used up: nobody has to be asked any more";
}

TEST_F(Book, AllowsNoBootMoreThanTheLeaseOverAnOutage) {
  arm();
  ASSERT_TRUE(boots_rescue());
  clock_.advance(std::chrono::minutes(1));
  take_database_away();
  EXPECT_TRUE(boots_rescue());
  clock_.advance(std::chrono::minutes(1));
  bring_database_back();
  book_->catch_up(true);
  EXPECT_EQ(servers().state(web_).lease.value().boots, 2U) << "the database is told of the boot that it has missed";
  EXPECT_TRUE(boots_rescue());
  clock_.advance(std::chrono::minutes(1));
  EXPECT_FALSE(boots_rescue());
  EXPECT_EQ(servers().state(web_).lease.value().boots, 3U);
}

TEST_F(Book, TellsTheDatabaseBeforeItAsksItAgain) {
  arm(LeasePolicy::once);
  book_->catch_up(true);
  take_database_away();
  ASSERT_TRUE(boots_rescue());
  bring_database_back();
  EXPECT_FALSE(boots_rescue());
  book_->catch_up(false);
  EXPECT_EQ(servers().state(web_).lease.value().boots, 1U);
}

TEST_F(Book, BootsOnceHoweverManyAskAtTheSameTime) {
  for (const bool away : {false, true}) {
    arm(LeasePolicy::once);
    book_->catch_up(true);
    if (away) take_database_away();
    std::atomic<int> rescues{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] { rescues += boots_rescue() ? 1 : 0; });
    }
    threads.clear();
    EXPECT_EQ(rescues.load(), 1) << away;
  }
}

TEST_F(Book, TakesACardThatHasMovedToAnotherServer) {
  servers().remove(web_);
  servers().add(server_named("web-02"));
  EXPECT_EQ(book_->boot(card(), true).server.value().server, "web-02");
  book_->catch_up(true);
  EXPECT_EQ(book_->at_once(card()).value().server.value().server, "web-02");
}

}  // namespace
}  // namespace rescue::netboot
