// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using domain::Ending;
using domain::Phase;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(RescueSession, UndoesEverythingWhenADiskIsBusy) {
  SessionWorld world;
  world.claims.busy["/dev/sdb"] = "/dev/sdb1 is mounted on /data";
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_THAT(error.what(), HasSubstr("claim-disks: /dev/sdb is in use"));
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, GoesOnWithoutADiskThatDoesNotAnswer) {
  SessionWorld world;
  world.claims.troubled["/dev/sdb"] = {"/dev/sdb", domain::ExclusionReason::offline, "/dev/sdb does not answer"};
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.claims.held(), std::vector<std::string>{"/dev/sda"});
  ASSERT_EQ(world.hypervisor.started.back().disks.size(), 1U);
  EXPECT_EQ(world.hypervisor.started.back().disks[0].disk.path, "/dev/sda");
  ASSERT_EQ(session.record().plan->excluded_disks.size(), 1U);
  EXPECT_EQ(session.record().plan->excluded_disks[0].detail, "/dev/sdb does not answer");
  EXPECT_THAT(texts_of(session.record().warnings), Contains(HasSubstr("/dev/sdb does not answer")));
}

TEST(RescueSession, LeavesOutADiskThatDiesBetweenPlanAndClaim) {
  SessionWorld world;
  world.images.on_fetch = [&] {
    world.claims.troubled["/dev/sdb"] = {"/dev/sdb", domain::ExclusionReason::busy, "/dev/sdb is in use: x (pid 7)"};
  };
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(world.claims.held(), std::vector<std::string>{"/dev/sda"});
  EXPECT_EQ(world.hypervisor.started.back().disks.size(), 1U);
  EXPECT_THAT(texts_of(session.record().warnings),
              Contains(HasSubstr("/dev/sdb is in use: x (pid 7); the rescue continues")));
}

TEST(RescueSession, HoldsItsDisksAgainBeforeItRestartsTheGuest) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.claims.lose_holder();
  world.hypervisor.crash(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::crashed, {});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.claims.held().size(), 2U);
  EXPECT_EQ(world.hypervisor.boots_of(SessionWorld::guest()), 2);
}

TEST(RescueSession, RestartsTheGuestWithoutADiskThatHasDied) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.claims.troubled["/dev/sda"] = {"/dev/sda", domain::ExclusionReason::offline, "/dev/sda does not answer"};
  world.hypervisor.crash(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::crashed, {});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.claims.held(), std::vector<std::string>{"/dev/sdb"});
  ASSERT_EQ(world.hypervisor.started.back().disks.size(), 1U);
  EXPECT_EQ(world.hypervisor.started.back().disks[0].disk.path, "/dev/sdb");
}

TEST(RescueSession, DoesNotRestartTheGuestWithAnotherDiskThanTheOneThatWasFound) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.claims.lose_holder();
  world.claims.busy["/dev/sdb"] = "it is another disk now";
  world.hypervisor.crash(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::crashed, {});
  EXPECT_EQ(world.hypervisor.boots_of(SessionWorld::guest()), 1);
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, EndsInOrderThoughADiskCouldNotBeFlushed) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.claims.release_problems = {"not everything could be written to /dev/sda: Input/output error"};
  session.finish(Ending::reboot, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_THAT(session.record().rollback_failures, IsEmpty());
  EXPECT_THAT(texts_of(session.record().warnings), Contains(HasSubstr("/dev/sda: Input/output error")));
  EXPECT_EQ(world.host.endings, std::vector{Ending::reboot}) << "the server returns to its disk";
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, RefusesInPreflightWhatTheGuestCanNotBeShown) {
  SessionWorld world;
  world.hypervisor.describe_failure =
      Error(ErrorCode::precondition, "/dev/sdb has logical sectors of 4096 bytes", "Use another image.");
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("preflight: disks: /dev/sdb has logical sectors of 4096 bytes"));
  EXPECT_EQ(world.claims.claims, 0);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, KeepsTheDisksHeldWhileTheGuestMayStillWrite) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.hypervisor.away = true;
  EXPECT_EQ(error_of([&] { session.finish(Ending::stay, {}); }).code(), ErrorCode::rollback_incomplete);
  EXPECT_EQ(world.claims.held().size(), 2U);
  world.hypervisor.away = false;
  session.finish(Ending::stay, {});
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, HoldsDisksAndNetworkAgainBeforeAGuestIsRestarted) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.claims.lose_holder();
  world.network.taken = false;  // as when its bridge forgets the tap's address
  world.hypervisor.after_effect = [&](const std::string& call) {
    if (call != "start") return;
    EXPECT_EQ(world.claims.held().size(), 2U) << "no guest writes to disks that nobody holds";
    EXPECT_TRUE(world.network.taken);
  };
  world.hypervisor.crash(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::crashed, {});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.hypervisor.start_calls, 2);
}

TEST(RescueSession, IsUndoneWhenAGuestThatCrashedCantHaveItsDisksAgain) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.claims.lose_holder();
  world.claims.busy["/dev/sdb"] = "/dev/sdb1 is mounted on /data";
  world.hypervisor.crash(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::crashed, {});
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_THAT(session.record().failure->message, HasSubstr("/dev/sdb is in use"));
  EXPECT_EQ(world.hypervisor.start_calls, 1);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, SaysThatADiskMayBeMissingWhenDevicesAreStillBeingSetUp) {
  SessionWorld world;
  world.host.devices_settle = false;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  ASSERT_EQ(session.record().warnings.size(), 1U);
  EXPECT_THAT(session.record().warnings.front().text, HasSubstr("rescuectl disks"));
}

}  // namespace
}  // namespace rescue::tests
