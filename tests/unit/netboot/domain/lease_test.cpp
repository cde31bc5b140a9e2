// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/lease.hpp"
#include "tests/doubles/fake_clock.hpp"

#include <gtest/gtest.h>

namespace rescue::netboot {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class BootModeLease : public ::testing::Test {
protected:
  [[nodiscard]] LeaseState state() const { return state_of(*lease_, limits_, clock_.wall()); }
  [[nodiscard]] BootMode mode() const { return mode_at(lease_, limits_, clock_.wall()); }
  void boot() { lease_ = after_boot(*lease_, limits_, clock_.wall()); }
  void grant(LeasePolicy policy) {
    lease_ = Lease{BootMode::rescue_windows, policy, "admin", "", clock_.wall(), clock_.wall() + hours(4), 0, {}};
  }

  tests::FakeClock clock_;
  LeaseLimits limits_;
  std::optional<Lease> lease_;
};

TEST_F(BootModeLease, IsTheDiskWithoutALease) { EXPECT_EQ(mode(), BootMode::disk); }

TEST_F(BootModeLease, ReturnsToDiskWhenTheLeaseEnds) {
  grant(LeasePolicy::until_finished);
  clock_.advance(hours(4) - Milliseconds(1));
  EXPECT_EQ(mode(), BootMode::rescue_windows);
  clock_.advance(Milliseconds(1));
  EXPECT_EQ(mode(), BootMode::disk);
  EXPECT_EQ(state(), LeaseState::expired);
}

TEST_F(BootModeLease, BootsRescueAgainAfterAReset) {
  grant(LeasePolicy::until_finished);
  boot();
  clock_.advance(std::chrono::minutes(10));
  EXPECT_EQ(mode(), BootMode::rescue_windows);
}

TEST_F(BootModeLease, ReturnsToDiskAfterThreeBoots) {
  grant(LeasePolicy::until_finished);
  for (unsigned i = 0; i < 3; ++i) {
    ASSERT_EQ(mode(), BootMode::rescue_windows) << i;
    boot();
    clock_.advance(limits_.repeat_window);
  }
  EXPECT_EQ(lease_->boots, 3U);
  EXPECT_EQ(mode(), BootMode::disk);
  EXPECT_EQ(state(), LeaseState::spent);
}

TEST_F(BootModeLease, CountsARepeatedRequestOnce) {
  grant(LeasePolicy::until_finished);
  boot();
  clock_.advance(limits_.repeat_window - Milliseconds(1));
  boot();
  EXPECT_EQ(lease_->boots, 1U);
  clock_.advance(Milliseconds(1));
  boot();
  EXPECT_EQ(lease_->boots, 2U) << "the window starts at the counted boot, so that a fast loop ends";
}

TEST_F(BootModeLease, ServesTheRepeatOfTheLastBootToo) {
  grant(LeasePolicy::until_finished);
  for (unsigned i = 0; i < 3; ++i) {
    clock_.advance(limits_.repeat_window);
    boot();
  }
  EXPECT_EQ(mode(), BootMode::rescue_windows);
  clock_.advance(limits_.repeat_window);
  EXPECT_EQ(mode(), BootMode::disk);
}

TEST_F(BootModeLease, IsUsedUpByOneBootWithPolicyOnce) {
  grant(LeasePolicy::once);
  boot();
  EXPECT_EQ(mode(), BootMode::disk);
  EXPECT_EQ(state(), LeaseState::booted);
}

TEST_F(BootModeLease, CountsEveryBootWhenTheClockWasSetBack) {
  grant(LeasePolicy::until_finished);
  boot();
  clock_.advance(-hours(1));
  boot();
  EXPECT_EQ(lease_->boots, 2U);
}

TEST_F(BootModeLease, EndsWhenTheHostOfABootIsNotHeardOf) {
  grant(LeasePolicy::until_finished);
  clock_.advance(hours(1));
  EXPECT_EQ(mode(), BootMode::rescue_windows) << "nothing was booted yet";
  boot();
  clock_.advance(limits_.dead_man);
  EXPECT_EQ(mode(), BootMode::rescue_windows);
  clock_.advance(Milliseconds(1));
  EXPECT_EQ(state(), LeaseState::unheard);
  EXPECT_EQ(mode(), BootMode::disk);
}

TEST_F(BootModeLease, IsKeptByTheWordOfItsHost) {
  grant(LeasePolicy::until_finished);
  boot();
  clock_.advance(std::chrono::minutes(10));
  lease_->last_heard = clock_.wall();
  clock_.advance(std::chrono::minutes(15));
  EXPECT_EQ(mode(), BootMode::rescue_windows);
  clock_.advance(Milliseconds(1));
  EXPECT_EQ(state(), LeaseState::unheard);
}

TEST_F(BootModeLease, HasNoDeadManWhereHeIsTurnedOff) {
  limits_.dead_man = Milliseconds(0);
  grant(LeasePolicy::until_finished);
  boot();
  clock_.advance(hours(3));
  EXPECT_EQ(mode(), BootMode::rescue_windows);
}

TEST_F(BootModeLease, HasNoDeadManWhereNoHostAgentIsToBeHeardOf) {
  grant(LeasePolicy::until_finished);
  lease_->has_agent = false;
  boot();
  clock_.advance(hours(3));
  EXPECT_EQ(mode(), BootMode::rescue_windows);
}

TEST_F(BootModeLease, IsBootingForAWhileAfterEachCountedBoot) {
  const auto is_booting_now = [this] { return is_booting(*lease_, limits_, std::chrono::minutes(10), clock_.wall()); };
  grant(LeasePolicy::once);
  EXPECT_FALSE(is_booting_now());
  boot();
  EXPECT_TRUE(is_booting_now()) << "the only boot of `once` is one too";
  clock_.advance(std::chrono::minutes(10));
  EXPECT_TRUE(is_booting_now());
  clock_.advance(Milliseconds(1));
  EXPECT_FALSE(is_booting_now());
}

TEST(LeaseNames, AreReadBack) {
  EXPECT_EQ(boot_mode_of("disk"), BootMode::disk);
  EXPECT_EQ(boot_mode_of(BootMode::rescue_windows.name()), BootMode::rescue_windows);
  EXPECT_EQ(lease_policy_of(name_of(LeasePolicy::once)), LeasePolicy::once);
  EXPECT_EQ(lease_policy_of(name_of(LeasePolicy::until_finished)), LeasePolicy::until_finished);
  EXPECT_ANY_THROW((void)boot_mode_of("Rescue Linux"));
}

}  // namespace
}  // namespace rescue::netboot
