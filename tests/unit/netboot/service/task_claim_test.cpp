// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/tasks.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <future>
#include <map>
#include <vector>

namespace rescue::netboot {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Milliseconds lasts(15'000);

/// Two netbootds on one database.
class TaskClaims : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    other_store_ = std::make_unique<Store>(settings(), LeaseLimits{}, clock_);
    one_ = std::make_unique<Tasks>(store(), AgentRules{});
    other_ = std::make_unique<Tasks>(*other_store_, AgentRules{});
    servers().add(server_named("web-01"));
  }
  void TearDown() override {
    other_store_.reset();
    Stored::TearDown();
  }
  Task begin(const ServerName& server) { return one_->begin_rescue(server, rescue_for(hours(4)), false, hours(1)); }
  Tasks& one() { return *one_; }
  Tasks& other() { return *other_; }

private:
  std::unique_ptr<Store> other_store_;
  std::unique_ptr<Tasks> one_;
  std::unique_ptr<Tasks> other_;
};

TEST_F(TaskClaims, AreHadByOne) {
  const auto task = begin(web_);
  const auto claimed = other().claim({}, lasts);
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->task.id, task.id);
  EXPECT_FALSE(claimed->taken_over);
  EXPECT_FALSE(one().claim({}, lasts));
  EXPECT_FALSE(one().claim({"web-01"}, lasts));
}

TEST_F(TaskClaims, AreGivenBack) {
  (void)begin(web_);
  const auto first = one().claim({}, lasts).value();
  one().release(first.task, seconds(2));
  EXPECT_FALSE(other().claim({}, lasts)) << "it is not due";
  const auto by_name = other().claim({"web-01"}, lasts);
  ASSERT_TRUE(by_name) << "something has happened to its server";
  EXPECT_FALSE(by_name->taken_over);
  other().release(by_name->task, seconds(2));
  clock_.advance(seconds(2));
  EXPECT_TRUE(other().claim({}, lasts)) << "now it is";
}

TEST_F(TaskClaims, RunOutWhenTheirOwnerHasDied) {
  (void)begin(web_);
  auto dead = one().claim({}, lasts).value();
  clock_.advance(lasts - Milliseconds(1));
  EXPECT_FALSE(other().claim({}, lasts));
  clock_.advance(Milliseconds(1));
  auto heir = other().claim({}, lasts);
  ASSERT_TRUE(heir);
  EXPECT_TRUE(heir->taken_over);
  // The first owner was only slow: its further writes are refused.
  dead.task.state = TaskState::running;
  EXPECT_THROW((void)one().save(dead.task), ClaimLost);
  one().release(dead.task, Milliseconds(0));
  heir->task.state = TaskState::running;
  EXPECT_TRUE(other().save(heir->task));
  EXPECT_FALSE(one().claim({}, lasts)) << "the heir's claim stands";
}

TEST_F(TaskClaims, LastWhileTheirOwnerLives) {
  (void)begin(web_);
  const auto claimed = one().claim({}, lasts).value();
  for (int i = 0; i < 5; ++i) {
    clock_.advance(seconds(10));
    one().renew_claims({claimed.task.id}, lasts);
    EXPECT_FALSE(other().claim({}, lasts));
  }
  one().release(claimed.task, Milliseconds(0));
  one().renew_claims({claimed.task.id}, lasts);
  EXPECT_TRUE(other().claim({}, lasts)) << "what was given back is not renewed";
}

TEST_F(TaskClaims, LastOnlyForWhatIsInWork) {
  (void)begin(web_);
  (void)one().claim({}, lasts).value();
  one().renew_claims({}, lasts);
  clock_.advance(lasts);
  EXPECT_TRUE(other().claim({}, lasts)) << "one that could not be given back is not kept alive";
}

TEST_F(TaskClaims, AreNotTakenOverFromItself) {
  (void)begin(web_);
  const auto mine = one().claim({}, lasts).value();
  clock_.advance(lasts * 2);
  EXPECT_FALSE(one().claim({}, lasts)) << "it is in hand here, the database was away for a while";
  EXPECT_FALSE(one().claim({"web-01"}, lasts));
  EXPECT_TRUE(one().save(mine.task)) << "nobody else has taken it up";
  EXPECT_TRUE(other().claim({}, lasts).value().taken_over);
}

TEST_F(TaskClaims, CountHowOftenTheirOwnersDied) {
  (void)begin(web_);
  EXPECT_EQ(one().claim({}, lasts).value().taken_up, 0U);
  clock_.advance(lasts);
  EXPECT_EQ(other().claim({}, lasts).value().taken_up, 1U);
  clock_.advance(lasts);
  auto claimed = one().claim({}, lasts).value();
  EXPECT_EQ(claimed.taken_up, 2U);
  EXPECT_TRUE(one().save(claimed.task));
  clock_.advance(lasts);
  claimed = other().claim({}, lasts).value();
  EXPECT_EQ(claimed.taken_up, 3U) << "what was saved had not changed";
  claimed.task.state = TaskState::running;
  EXPECT_TRUE(other().save(claimed.task));
  clock_.advance(lasts);
  claimed = one().claim({}, lasts).value();
  EXPECT_EQ(claimed.taken_up, 1U) << "it had got on";
  one().release(claimed.task, Milliseconds(0));
  EXPECT_EQ(other().claim({}, lasts).value().taken_up, 0U) << "it was given back";
}

TEST_F(TaskClaims, AreTakenOverAtOnceWhenTheyAreAbandoned) {
  (void)begin(web_);
  one().abandon(one().claim({}, lasts).value().task);
  const auto next = other().claim({}, lasts);
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->taken_over);
  one().abandon_all();
  EXPECT_TRUE(one().claim({}, lasts).value().taken_over);
}

TEST_F(TaskClaims, AreForOneTaskOfAServer) {
  auto server = server_named("db-01", "52:54:00:00:00:02");
  server.bmc = BmcEndpoint{"192.0.2.1", 623, "operator", 17, "sealed"};
  servers().add(server);
  const auto rescue = begin(server.name);
  const auto power = one().begin_power(server.name, PowerAction::reset, BootDevice::none, "admin", hours(1));
  const auto first = one().claim({}, lasts).value();
  EXPECT_EQ(first.task.id, rescue.id);
  EXPECT_FALSE(other().claim({}, lasts)) << "a BMC is asked one thing at a time";
  one().release(first.task, seconds(2));
  EXPECT_EQ(other().claim({"db-01", rescue.id}, lasts).value().task.id, power.id);
}

TEST_F(TaskClaims, AreNotOnWhatIsOver) {
  (void)begin(web_);
  (void)leases().end(web_, "admin");
  auto claimed = one().claim({}, lasts).value();
  end(claimed.task, TaskState::cancelled, clock_.wall());
  EXPECT_TRUE(one().save(claimed.task));
  one().release(claimed.task, Milliseconds(0));
  EXPECT_FALSE(other().claim({}, lasts));
  EXPECT_FALSE(other().claim({"web-01"}, lasts));
}

TEST_F(TaskClaims, AreHadByOneOfMany) {
  constexpr int fleet = 20;
  constexpr int threads = 8;
  for (int i = 0; i < fleet; ++i) {
    const auto name = fmt::format("server-{}", i);
    servers().add(server_named(name, fmt::format("52:54:00:00:01:{:02}", i)));
    (void)begin(ServerName::parse(name));
  }
  std::vector<std::future<std::vector<long long>>> claimers;
  claimers.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    auto& tasks = i % 2 == 0 ? one() : other();
    claimers.push_back(std::async(std::launch::async, [&tasks] {
      std::vector<long long> had;
      // Retries: a claim skips tasks that another thread is claiming.
      for (int misses = 0; misses < 20;) {
        if (const auto claimed = tasks.claim({}, lasts)) {
          had.push_back(claimed->task.id);
        } else {
          ++misses;
        }
      }
      return had;
    }));
  }
  std::map<long long, int> times;
  for (auto& claimer : claimers) {
    for (const auto id : claimer.get()) ++times[id];
  }
  EXPECT_EQ(times.size(), static_cast<std::size_t>(fleet));
  for (const auto& [id, count] : times) EXPECT_EQ(count, 1) << id;
}

}  // namespace
}  // namespace rescue::netboot
