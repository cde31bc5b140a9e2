// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/ticket/attempts.hpp"
#include "tests/doubles/fake_clock.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using net::literals::operator""_ip;
using ticket::AttemptRules;
using ticket::Attempts;

TEST(Attempts, BlockAnAddressForLongerEachTime) {
  FakeClock clock;
  Attempts attempts;
  const auto robot = "198.51.100.9"_ip;
  for (int round = 0; round < 4; ++round) attempts.add_wrong(robot, clock.now());
  EXPECT_EQ(attempts.pause_of(robot, clock.now()), Milliseconds(0)) << "a helper may mistype";
  for (const auto pause : {10, 20, 40, 80, 160, 320, 600, 600}) {
    attempts.add_wrong(robot, clock.now());
    EXPECT_EQ(attempts.pause_of(robot, clock.now()), Milliseconds(pause * 1000));
    clock.advance(Milliseconds(pause * 1000));
    EXPECT_EQ(attempts.pause_of(robot, clock.now()), Milliseconds(0));
  }
}

TEST(Attempts, LeaveOtherAddressesAlone) {
  FakeClock clock;
  Attempts attempts;
  for (int round = 0; round < 8; ++round) attempts.add_wrong("198.51.100.9"_ip, clock.now());
  EXPECT_GT(attempts.pause_of("198.51.100.9"_ip, clock.now()), Milliseconds(0));
  EXPECT_EQ(attempts.pause_of("198.51.100.10"_ip, clock.now()), Milliseconds(0));
}

TEST(Attempts, CountTheAddressesOfOneSubscriberTogether) {
  FakeClock clock;
  Attempts attempts;
  for (int host = 1; host <= 5; ++host) {
    attempts.add_wrong(net::IpAddress::parse(fmt::format("2001:db8:1:2::{}", host)), clock.now());
  }
  EXPECT_GT(attempts.pause_of("2001:db8:1:2::99"_ip, clock.now()), Milliseconds(0));
  EXPECT_EQ(attempts.pause_of("2001:db8:1:3::1"_ip, clock.now()), Milliseconds(0));
}

TEST(Attempts, SlowAllAddressesDownAndEndTheTicket) {
  FakeClock clock;
  Attempts attempts;
  const auto wrong_from = [&](unsigned number) {
    attempts.add_wrong(net::IpAddress::parse(fmt::format("198.51.{}.{}", number / 250, number % 250)), clock.now());
  };
  for (unsigned number = 0; number < 19; ++number) wrong_from(number);
  EXPECT_EQ(attempts.pause_of("203.0.113.7"_ip, clock.now()), Milliseconds(0));
  wrong_from(19);
  EXPECT_EQ(attempts.pause_of("203.0.113.7"_ip, clock.now()), Milliseconds(1000)) << "all are slowed down";
  clock.advance(Milliseconds(1000));
  EXPECT_EQ(attempts.pause_of("203.0.113.7"_ip, clock.now()), Milliseconds(0));
  const auto most = AttemptRules().most_overall;
  for (unsigned number = 20; number < most - 1; ++number) wrong_from(number);
  EXPECT_FALSE(attempts.is_exhausted());
  wrong_from(most);
  EXPECT_TRUE(attempts.is_exhausted());
}

TEST(Attempts, RememberALimitedNumberOfAddresses) {
  FakeClock clock;
  AttemptRules rules;
  rules.most_addresses = 2;
  rules.free_overall = 1000;
  Attempts attempts(rules);
  for (int round = 0; round < 5; ++round) {
    for (int host = 1; host < 9; ++host) {
      attempts.add_wrong(net::IpAddress::parse(fmt::format("198.51.100.{}", host)), clock.now());
    }
  }
  EXPECT_GT(attempts.pause_of("203.0.113.7"_ip, clock.now()), Milliseconds(0)) << "those beyond share one entry";
}

}  // namespace
}  // namespace rescue::tests
