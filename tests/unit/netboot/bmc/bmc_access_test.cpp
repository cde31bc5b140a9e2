// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/bmc_access.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

namespace rescue::netboot {
namespace {

/// Counts concurrent connections.
class CountingBmc final : public Bmc {
public:
  CountingBmc(std::atomic<int>& now, std::atomic<int>& most) : now_(now), most_(most) {
    const int here = ++now_;
    for (int seen = most_; here > seen && !most_.compare_exchange_weak(seen, here);) continue;
  }
  ~CountingBmc() override { --now_; }
  PowerState power() override {
    std::this_thread::yield();
    return PowerState::on;
  }
  void control(PowerAction) override {}
  void set_boot_device(BootOverride, Firmware) override {}
  BootOverride boot_device() override { throw Error(ErrorCode::precondition, "does not tell"); }
  BmcFacts facts() override { return {}; }

private:
  std::atomic<int>& now_;
  std::atomic<int>& most_;
};

class BmcAccessOf : public Stored {
protected:
  BmcAccessOf()
      : access_([this](const BmcEndpoint&, Secret) { return std::make_unique<CountingBmc>(now_, most_); },
                KeyFile(::testing::TempDir() + "bmc-access-" + std::to_string(::getpid()) + ".key"), {}, system_) {}
  ~BmcAccessOf() override {
    std::filesystem::remove(::testing::TempDir() + "bmc-access-" + std::to_string(::getpid()) + ".key");
  }
  [[nodiscard]] Server with_bmc(const std::string& name) const {
    auto server = server_named(name);
    server.bmc = BmcEndpoint{};
    server.bmc->sealed_password = access_.keys().seal(Secret(std::string_view("word")));
    return server;
  }
  /// Reads the power of these servers repeatedly from many threads.
  void look_at(const std::vector<Server>& servers) {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        for (int turn = 0; turn < 20; ++turn) (void)access_.power(servers[i % servers.size()]);
      });
    }
  }

  SystemClock system_;
  std::atomic<int> now_{0};
  std::atomic<int> most_{0};
  BmcAccess access_;
};

TEST_F(BmcAccessOf, ManyThreadsIsOneAtATime) {
  look_at({with_bmc("web-01")});
  EXPECT_EQ(most_, 1);
}

TEST_F(BmcAccessOf, ChecksABmcThatDoesNotTellItsBootDevice) {
  const auto found = access_.check(with_bmc("web-01"));
  EXPECT_EQ(found.power, PowerState::on);
  EXPECT_FALSE(found.boot_device);
}

TEST_F(BmcAccessOf, NeedsABmc) {
  EXPECT_EQ(code_of([&] { (void)access_.power(server_named("web-01")); }), ErrorCode::precondition);
}

TEST(BmcLines, AreHadByOneAndWaitedForInVain) {
  BmcLines lines({1, 8, Milliseconds(1)});
  lines.take("a");
  lines.take("b");
  EXPECT_THROW(lines.take("a"), BmcTaken);
  lines.give("a");
  EXPECT_NO_THROW(lines.take("a"));
}

TEST(BmcLines, AreWaitedForByFew) {
  BmcLines lines({1, 1, Milliseconds(60'000)});
  lines.take("a");
  lines.take("b");
  std::atomic<int> refused{0};
  const auto wait = [&] {
    try {
      lines.take("a");
      lines.give("a");
    } catch (const BmcTaken&) {
      ++refused;
    }
  };
  {
    std::jthread one(wait);
    std::jthread other(wait);
    while (refused == 0) std::this_thread::yield();
    EXPECT_THROW(lines.take("b"), BmcTaken) << "in all there is no room either";
    lines.give("a");
  }
  EXPECT_EQ(refused, 1);
}

TEST(BmcLines, AreGivenToTasksBeforeThoseWhoLook) {
  BmcLines lines({8, 24, Milliseconds(1)});
  int told = 0;
  lines.on_free([&] { ++told; });
  lines.take("a");
  EXPECT_FALSE(lines.try_take("a"));
  lines.give("a");
  EXPECT_EQ(told, 1);
  EXPECT_THROW(lines.take("a"), BmcTaken) << "a task is to have it";
  EXPECT_TRUE(lines.try_take("a"));
  lines.give("a");
  EXPECT_EQ(told, 1) << "nobody else was refused";
  lines.take("a");
}

}  // namespace
}  // namespace rescue::netboot
