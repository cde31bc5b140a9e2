// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/checks.hpp"
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using domain::Phase;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace net::literals;

TEST(RescueSession, GoesBackWhenTheTakeoverLosesTheControlPlane) {
  SessionWorld world;
  world.control_plane.answers = [&] { return !world.network.taken; };
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::network);
  EXPECT_THAT(error.what(), HasSubstr("after the takeover"));
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, AsksTheControlPlaneAgainWithinTheLimit) {
  SessionWorld world;
  int missing = 2;
  world.control_plane.answers = [&] { return !world.network.taken || missing-- <= 0; };
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.network.takeovers, 1);
}

TEST(RescueSession, RefusesAControlPlaneWhoseNameCannotBeResolved) {
  SessionWorld world;
  world.settings.control_plane_hosts = {"198.51.100.1", "netbootd.example"};
  world.network.names["198.51.100.1"] = {"198.51.100.1"_ip};
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::network);
  EXPECT_THAT(error.what(), HasSubstr("control-plane: the name 'netbootd.example' can't be resolved"));
  EXPECT_FALSE(error.hint().empty());
  EXPECT_EQ(world.network.takeovers, 0);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, KeepsTheGuestFromEveryAddressOfTheControlPlane) {
  SessionWorld world;
  world.settings.control_plane_hosts = {"netbootd.example", "192.0.2.10"};
  world.network.names["netbootd.example"] = {"198.51.100.1"_ip, "2001:db8::10"_ip, "192.0.2.10"_ip};
  world.network.names["192.0.2.10"] = {"192.0.2.10"_ip};
  world.fresh_session().start({});
  ASSERT_TRUE(world.network.taken_plan);
  EXPECT_THAT(world.network.taken_plan->control_plane_addresses,
              ElementsAre("198.51.100.1"_ip, "2001:db8::10"_ip, "192.0.2.10"_ip));
}

TEST(RescueSession, RefusesANetworkThatCannotBeTakenOverBeforeAnythingIsDone) {
  SessionWorld world;
  world.network.check_failure = Error(ErrorCode::precondition, "eth0 is a port of br0", "Take it out.");
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("nic: eth0 is a port of br0"));
  EXPECT_EQ(error.hint(), "Take it out.");
  EXPECT_EQ(world.network.takeovers, 0);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, ChecksTheNicOfItsPlanWhileItIsTaken) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.settings.nic = "gone";  // like a NIC without address, in a bridge
  auto ports = world.ports();
  const auto nic_check = [&](const domain::SessionRecord& record) {
    const auto checks = session::run_checks(ports, world.settings, record, {});
    return *std::find_if(checks.begin(), checks.end(), [](const auto& check) { return check.name == "nic"; });
  };
  EXPECT_EQ(nic_check(session.record()).verdict, session::Verdict::ok);
  EXPECT_THAT(nic_check(session.record()).detail, HasSubstr("203.0.113.10, with the rescue VM"));
  EXPECT_EQ(nic_check({}).verdict, session::Verdict::failed);
}

}  // namespace
}  // namespace rescue::tests
