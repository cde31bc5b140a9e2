// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/reload.hpp"

#include <gtest/gtest.h>

namespace rescue::netboot {
namespace {

TEST(Reloaded, TakesOverWhatMayChangeAndKeepsTheRest) {
  const Config running;
  Config wanted;
  wanted.port = 1;
  wanted.agent_rules.alive = Milliseconds(1);
  wanted.limits.boots = 7;
  wanted.lease_ttl = Milliseconds(60'000);
  wanted.tasks.rescue = Milliseconds(1);
  wanted.log_level = log::Level::debug;
  const auto result = reloaded(running, wanted);
  EXPECT_EQ(result.kept, (std::vector<std::string>{"listen.port", "agent.alive"}));
  EXPECT_EQ(result.config.port, running.port);
  EXPECT_EQ(result.config.agent_rules.alive, running.agent_rules.alive);
  EXPECT_EQ(result.config.limits.boots, 7U);
  EXPECT_EQ(result.config.lease_ttl, Milliseconds(60'000));
  EXPECT_EQ(result.config.tasks.rescue, Milliseconds(1));
  EXPECT_EQ(result.config.log_level, log::Level::debug);
}

}  // namespace
}  // namespace rescue::netboot
