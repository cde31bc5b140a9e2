// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/plan.hpp"
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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

/// A world whose guest has its throw-away disk in memory.
struct WorldInMemory : SessionWorld {
  WorldInMemory() {
    host.folders_in_memory = true;
    host.answer.memory_mib = 16384;
  }
  [[nodiscard]] unsigned overlay_mib() const { return host.memory_folders.at("/run/rescue/guest/overlay"); }
  /// The throw-away disk is full: QEMU pauses the guest.
  void fill() {
    host.used_mib = overlay_mib();
    hypervisor.run_out_of_room(guest());
    hypervisor.has_room = true;
  }
};

TEST(RescueSession, SaysThatAGuestIsPausedAndResumesItOnceThereIsRoom) {
  WorldInMemory world;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_FALSE(session.look_after_guest());
  world.fill();
  EXPECT_TRUE(session.look_after_guest());
  EXPECT_TRUE(session.look_after_guest());
  EXPECT_EQ(session.record().phase, Phase::serving);
  ASSERT_EQ(session.record().warnings.size(), 1U) << "it is said once";
  EXPECT_THAT(world.journal.load()->warnings.front().text,
              HasSubstr("the guest is paused: its throw-away disk of 2048 MiB is full, and the host has no memory"));
  EXPECT_THAT(world.last_wait, HasSubstr("its throw-away disk of 2048 MiB is full"));
  EXPECT_EQ(world.hypervisor.resume_calls, 0) << "it would be paused again at once";
  session.guest_ended(domain::GuestEventKind::stopped, {});
  EXPECT_EQ(world.hypervisor.start_calls, 1) << "it has not ended";

  world.host.used_mib = 100;  // an operator has made room
  EXPECT_TRUE(session.look_after_guest()) << "it is resumed";
  EXPECT_FALSE(session.look_after_guest());
  EXPECT_THAT(texts_of(session.record().warnings), IsEmpty());
  EXPECT_EQ(world.last_wait, "");
  EXPECT_EQ(world.hypervisor.start_calls, 1);
}

TEST(RescueSession, GivesAFullThrowAwayDiskMemoryThatNobodyNeeds) {
  WorldInMemory world;
  auto& session = world.fresh_session();
  session.start({});
  const unsigned guest_mib = session.record().plan->guest.memory_mib;
  ASSERT_EQ(world.overlay_mib(), 2048U);
  world.hypervisor.resident_mib = guest_mib - 1000;  // the guest may still touch 1000 MiB
  world.host.available_mib = 1000 + 1024 + 255;      // and the host keeps half of its reserve
  world.fill();
  EXPECT_TRUE(session.look_after_guest());
  EXPECT_EQ(world.overlay_mib(), 2048U) << "less than 256 MiB are to spare";

  world.host.available_mib = 1000 + 1024 + 300;
  EXPECT_TRUE(session.look_after_guest());
  EXPECT_EQ(world.overlay_mib(), 2348U);
  EXPECT_EQ(world.journal.load()->plan->overlay_mib, 2348U);
  EXPECT_FALSE(session.look_after_guest()) << "it runs again";
  EXPECT_THAT(texts_of(session.record().warnings), IsEmpty());

  world.host.memory_folders["/run/rescue/guest/overlay"] = 4096;  // an operator has remounted it
  world.host.available_mib = 1'000'000;
  world.fill();
  EXPECT_TRUE(session.look_after_guest());
  EXPECT_EQ(world.overlay_mib(), 4096U + 4096 / 4);
}

TEST(RescueSession, ResumesAGuestOnlyOnceItsImageCanBeReadAgain) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.images.missing = "no mirror has chunk 7: http://198.51.100.1: connection refused";
  EXPECT_FALSE(session.look_after_guest());
  ASSERT_EQ(session.record().warnings.size(), 1U);
  EXPECT_EQ(session.record().warnings.front().code, domain::WarningCode::image_unavailable);
  EXPECT_THAT(session.record().warnings.front().text, HasSubstr("the guest may have to wait: "));
  EXPECT_THAT(world.last_wait, HasSubstr("connection refused"));

  world.hypervisor.run_out_of_room(SessionWorld::guest());  // QEMU has paused it
  world.hypervisor.has_room = true;
  EXPECT_TRUE(session.look_after_guest());
  EXPECT_EQ(world.hypervisor.resume_calls, 0);
  ASSERT_EQ(session.record().warnings.size(), 1U);
  EXPECT_EQ(session.record().warnings.front().code, domain::WarningCode::guest_paused);
  EXPECT_THAT(world.journal.load()->warnings.front().text, HasSubstr("connection refused"));

  world.images.missing.clear();
  EXPECT_TRUE(session.look_after_guest());
  EXPECT_EQ(world.hypervisor.resume_calls, 1);
  EXPECT_FALSE(session.look_after_guest());
  EXPECT_THAT(texts_of(session.record().warnings), IsEmpty());
}

TEST(RescueSession, LooksAfterTheSystemDiskOfAGuestThatBoots) {
  SessionWorld world;
  auto& session = world.fresh_session();
  world.agent.silent_waits = 3;
  world.images.missing = "no mirror answers";
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_GE(world.images.looks, 3);
}

TEST(RescueSession, SaysThatAGuestDidNotStartForWantOfItsImage) {
  SessionWorld world;
  auto& session = world.fresh_session();
  world.agent.never_answers = true;
  world.images.missing = "no mirror answers";
  const auto error = error_of([&] { session.start({}); });
  EXPECT_EQ(error.code(), ErrorCode::timeout);
  EXPECT_THAT(error.what(), HasSubstr("the guest did not start within 600 s: parts of its image can't be fetched: "
                                      "no mirror answers"));
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, DoesNotWaitForAPausedGuestToShutDown) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.images.missing = "no mirror answers";
  world.hypervisor.run_out_of_room(SessionWorld::guest());
  session.finish({}, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world.hypervisor.stop_calls, 0);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, ServesNoImageWithoutAGuest) {
  SessionWorld world;
  world.network.takeover_failure = Error(ErrorCode::network, "the bridge is refused");
  auto& session = world.fresh_session();
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::network);
  EXPECT_FALSE(world.images.served);
  EXPECT_EQ(world.left_behind(), "");

  world.images.served = true;  // rescued was killed after the session's end
  world.fresh_session().recover({});
  EXPECT_FALSE(world.images.served);
}

TEST(RescueSession, EndsThoughItsImageIsStillServed) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.images.release_failure = Error(ErrorCode::timeout, "the exporter does not end");
  session.finish({}, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_TRUE(world.claims.held().empty()) << "the disks are not kept for it";
  EXPECT_THAT(texts_of(session.record().warnings), ::testing::Contains(HasSubstr("the exporter does not end")));
}

TEST(RescueSession, SetsThePasswordAgainWhenTheImageFailedMeanwhile) {
  SessionWorld world;
  auto& session = world.fresh_session();
  int calls = 0;
  world.agent.after_effect = [&](const std::string& call) {
    if (call != "set_password" || ++calls > 1) return;
    world.images.missing = "no mirror answers";
    throw Error(ErrorCode::timeout, "the agent did not answer");
  };
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(world.missing_for_serving(), "");
}

TEST(RescueSession, RestartsAGuestOnlyOnceItsImageCanBeRead) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.images.missing = "no mirror answers";
  const auto before = world.clock.now();
  world.hypervisor.shut_down_from_inside(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::stopped, {});
  EXPECT_GE(world.clock.now() - before, Milliseconds(120'000)) << "it is waited for, and not for ever";
  EXPECT_TRUE(world.hypervisor.runs(SessionWorld::guest()));
}

TEST(RescueSession, ServesTheImageOfAnAdoptedGuestAgain) {
  SessionWorld world;
  world.fresh_session().start({});
  const int before = world.images.looks;
  world.fresh_session().recover({});
  EXPECT_GT(world.images.looks, before);
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
  for (const unsigned gib : {16U, 32U, 512U}) {
    WorldInMemory world;
    world.host.answer.memory_mib = gib * 1024 - 300;  // the firmware keeps some
    world.settings.guest_memory_ceiling_mib = 1U << 20U;
    world.images.memory_mib = std::min(world.host.answer.memory_mib / 8, 12'288U);
    auto& session = world.fresh_session();
    session.start({});
    const auto written = world.journal.load();
    ASSERT_TRUE(written && written->plan);
    const auto& plan = *written->plan;
    EXPECT_EQ(plan.guest.memory_mib + plan.host_mib + plan.overlay_mib + plan.image.memory_mib,
              world.host.answer.memory_mib);
    EXPECT_EQ(world.overlay_mib(), plan.overlay_mib);
    EXPECT_GE(plan.guest.memory_mib, world.host.answer.memory_mib / 2) << gib << " GiB";
    session.finish({}, {});
    EXPECT_THAT(world.host.memory_folders, IsEmpty());
  }
}

TEST(RescueSession, SaysWhereTheMemoryGoesThatAGuestDoesNotGet) {
  WorldInMemory world;
  domain::RescueImage image;
  image.memory_mib = 12'000;
  auto ports = world.ports();
  const auto error = error_of([&] { (void)session::plan_memory(ports, world.settings, image); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_STREQ(error.what(), "288 MiB would be left for the guest: 16384 MiB: 288 for the guest, 2048 for the host, "
                             "12000 for the image, 2048 for the throw-away disk");
  EXPECT_THAT(error.hint(), HasSubstr("memory.overlay_mib"));
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
