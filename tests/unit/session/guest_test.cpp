// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/plan.hpp"
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using domain::Phase;
using domain::StepName;
using domain::StepState;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(RescueSession, GivesTheGuestNoMoreProcessorsThanItsMachineTakes) {
  SessionWorld world;
  for (const unsigned cpus : {1U, 8U, 73U, 292U, 336U, 448U, 4096U}) {
    world.host.answer.cpus = cpus;
    const auto vcpus = session::guest_vcpus(world.host.answer, world.settings);
    EXPECT_GE(vcpus, 1U);
    EXPECT_LE(vcpus, 64U) << cpus;
    if (cpus <= 73) {
      EXPECT_EQ(vcpus, std::max(1U, cpus - cpus / 8)) << "below the ceiling all but the host's share";
    }
  }
  world.settings.guest_cpus_ceiling = 255;
  EXPECT_EQ(session::guest_vcpus({"big", 1'000'000, 448}, world.settings), 255U);
}

TEST(RescueSession, RestoresBootModeWhenGuestFailsToStart) {
  SessionWorld world;
  world.hypervisor.start_failure = Error(ErrorCode::hypervisor, "no", "yes");
  auto& session = world.fresh_session();
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::hypervisor);
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_EQ(session.record().find(StepName::restore_boot_mode)->state, StepState::done);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, RestartsAGuestThatWasShutDownFromInside) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.hypervisor.shut_down_from_inside(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::stopped, {});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_TRUE(world.hypervisor.runs(SessionWorld::guest()));
  EXPECT_FALSE(world.images.overlays.empty()) << "the overlay holds the password that the customer has";
}

TEST(RescueSession, SaysThatAGuestIsPausedAndLetsItGoOn) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_FALSE(session.look_after_guest());
  world.hypervisor.run_out_of_room(SessionWorld::guest());
  EXPECT_TRUE(session.look_after_guest());
  EXPECT_TRUE(session.look_after_guest());
  EXPECT_EQ(session.record().phase, Phase::serving);
  ASSERT_EQ(session.record().warnings.size(), 1U) << "it is said once";
  EXPECT_THAT(world.journal.load()->warnings.front().text, HasSubstr("the guest is paused: "));
  EXPECT_THAT(world.last_wait, HasSubstr("room for the guest's throw-away disk"));
  session.guest_ended(domain::GuestEventKind::stopped, {});
  EXPECT_EQ(world.hypervisor.start_calls, 1) << "it has not ended";

  world.hypervisor.has_room = true;
  EXPECT_TRUE(session.look_after_guest()) << "it is told to go on";
  EXPECT_FALSE(session.look_after_guest());
  EXPECT_THAT(texts_of(session.record().warnings), IsEmpty());
  EXPECT_EQ(world.last_wait, "");
  EXPECT_EQ(world.hypervisor.start_calls, 1);
}

TEST(RescueSession, AdoptsAGuestThatIsPaused) {
  SessionWorld world;
  world.fresh_session().start({});
  world.hypervisor.run_out_of_room(SessionWorld::guest());
  auto& session = world.fresh_session();
  session.recover({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.hypervisor.destroy_calls, 0);
  EXPECT_EQ(world.missing_for_serving(), "");
}

TEST(RescueSession, GivesNoMemoryTwice) {
  SessionWorld world;
  world.images.memory_mib = 6000;
  world.host.overlay_memory_mib = 4000;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().plan->guest.memory_mib, 32768U - 2048 - 6000 - 4000);
  EXPECT_EQ(world.journal.load()->plan->image.memory_mib, 6000U);
  world.images.memory_mib = 30'000;
  auto plan_error = error_of([&] { (void)session::guest_memory_mib(world.host.answer, world.settings, 30'000); });
  EXPECT_EQ(plan_error.code(), ErrorCode::precondition);
  EXPECT_THAT(plan_error.what(), HasSubstr("30000 are for the image and its throw-away disk"));
}

TEST(RescueSession, FinishesWhenThePolicySaysSoAtGuestShutdown) {
  SessionWorld world;
  world.settings.on_shutdown = domain::ShutdownPolicy::finish;
  auto& session = world.fresh_session();
  session.start({});
  world.hypervisor.shut_down_from_inside(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::stopped, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, GivesUpOnAGuestThatCrashesAgainAndAgain) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  for (unsigned crash = 0; crash <= world.settings.most_crash_restarts; ++crash) {
    ASSERT_EQ(session.record().phase, Phase::serving);
    world.hypervisor.crash(SessionWorld::guest());
    session.guest_ended(domain::GuestEventKind::crashed, {});
  }
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_EQ(world.left_behind(), "");
}

}  // namespace
}  // namespace rescue::tests
