// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/sessions.hpp"
#include "netboot/service/tasks.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <future>
#include <vector>

namespace rescue::netboot {

inline void PrintTo(const Change& change, std::ostream* out) {
  *out << static_cast<int>(change.kind) << ' ' << change.id << " of " << change.server;
}

namespace {

using std::chrono::hours;
using Kind = Change::Kind;

constexpr auto own_address = "203.0.113.7";
const Change server_changed{Kind::server, "web-01", "web-01"};

class StoreChanges : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    subscription_ = store().changes().subscribe([this](const Change& change) { told_.push_back(change); });
  }
  void TearDown() override {
    subscription_ = {};
    Stored::TearDown();
  }
  /// Changes that `action` announced.
  std::vector<Change> told(const std::function<void()>& action) {
    told_.clear();
    action();
    return told_;
  }
  void add() {
    auto server = server_named("web-01");
    server.address = own_address;
    servers().add(server);
  }

  std::vector<Change> told_;
  Changes::Subscription subscription_;
};

TEST_F(StoreChanges, AreToldOfServers) {
  const std::vector<Change> expected{server_changed};
  EXPECT_EQ(told([&] { add(); }), expected);
  EXPECT_EQ(told([&] { put_bmc(web_, std::nullopt); }), expected);
  EXPECT_EQ(told([&] { (void)leases().grant(web_, rescue_for(hours(1))); }), expected);
  EXPECT_EQ(told([&] { (void)boot(); }), expected);
  EXPECT_EQ(told([&] { (void)leases().end(web_, "admin"); }), expected);
  EXPECT_EQ(told([&] { servers().remove(web_); }), expected);
}

TEST_F(StoreChanges, AreNotToldOfWhatStaysAsItIs) {
  add();
  EXPECT_TRUE(told([&] { (void)boot(); }).empty()) << "a boot from the disk";
  EXPECT_TRUE(told([&] { (void)all_servers(); }).empty());
  EXPECT_TRUE(told([&] { (void)leases().end_lease(web_, 99, "admin"); }).empty()) << "of an earlier lease";
}

TEST_F(StoreChanges, AreNotToldOfWhatWasTakenBack) {
  add();
  EXPECT_TRUE(told([&] { EXPECT_EQ(code_of([&] { add(); }), ErrorCode::conflict); }).empty());
}

TEST_F(StoreChanges, AreToldOnceTheyCanBeRead) {
  auto seen = BootMode::disk;
  add();
  // Real sinks do not read; this one represents the thread that a sink wakes.
  const auto look = store().changes().subscribe([&](const Change&) { seen = servers().state(web_).mode; });
  (void)leases().grant(web_, rescue_for(hours(1)));
  EXPECT_EQ(seen, BootMode::rescue_windows);
}

TEST_F(StoreChanges, AreToldOfTasks) {
  add();
  Tasks tasks(store(), AgentRules{});
  Task task{0, TaskKind::rescue, web_};
  EXPECT_EQ(told([&] { task = tasks.begin_rescue(web_, rescue_for(hours(1)), false, hours(1)); }),
            (std::vector<Change>{server_changed, {Kind::task, "t-1", "web-01"}}));
  EXPECT_EQ(told([&] { EXPECT_TRUE(tasks.save(task)); }), (std::vector<Change>{{Kind::task, "t-1", "web-01"}}));
  EXPECT_EQ(told([&] {
              (void)tasks.begin_finish(web_, {"stay", false, "admin"}, hours(1));
            }),
            (std::vector<Change>{{Kind::task, "t-1", "web-01"}, {Kind::task, "t-2", "web-01"}}));
  EXPECT_TRUE(told([&] { EXPECT_FALSE(tasks.save(task)); }).empty()) << "it was cancelled meanwhile";
}

TEST_F(StoreChanges, AreToldOfSessions) {
  add();
  Sessions sessions(store(), AgentRules{});
  (void)leases().grant(web_, rescue_for(hours(1)));
  (void)boot();
  const auto token = sessions.mint(MacAddress::parse("52:54:00:00:00:01"), own_address);
  std::string id;
  const auto began = told([&] { id = sessions.redeem(token.token.reveal(), hash_of("agent")).session.id; });
  const std::vector<Change> expected{{Kind::session, id, "web-01"}};
  EXPECT_EQ(began, expected);
  EXPECT_EQ(told([&] { (void)sessions.report(id, {"serving", "{}", ""}); }), expected);
  EXPECT_TRUE(told([&] { (void)sessions.report(id, {"serving", "{}", ""}); }).empty()) << "it says nothing new";
  EXPECT_EQ(told([&] { sessions.command(id, {1, "finish", "stay"}); }), expected);
  EXPECT_EQ(told([&] { sessions.revoke(id, "superseded"); }), expected);
}

TEST(Changes, AreToldToNobodyWhoHasLeft) {
  Changes changes;
  int first = 0;
  int second = 0;
  auto one = changes.subscribe([&](const Change&) { ++first; });
  const auto other = changes.subscribe([&](const Change&) { ++second; });
  changes.tell({});
  const auto moved = std::move(one);
  changes.tell({});
  one = {};
  {
    const auto ends = changes.subscribe([&](const Change&) { FAIL() << "it has left"; });
  }
  changes.tell({});
  EXPECT_EQ(first, 3);
  EXPECT_EQ(second, 3);
}

TEST(Changes, MayEndAfterTheirSource) {
  Changes::Subscription left;
  {
    Changes changes;
    left = changes.subscribe([](const Change&) {});
  }
}

TEST(Changes, AreToldByManyThreads) {
  Changes changes;
  int told = 0;
  const auto subscription = changes.subscribe([&](const Change&) { ++told; });
  constexpr int threads = 8;
  constexpr int each = 200;
  std::vector<std::future<void>> tellers;
  tellers.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    tellers.push_back(std::async(std::launch::async, [&] {
      for (int n = 0; n < each; ++n) changes.tell({Change::Kind::task, "t-1", "web-01"});
    }));
  }
  for (auto& teller : tellers) teller.get();
  EXPECT_EQ(told, threads * each);
}

}  // namespace
}  // namespace rescue::netboot
