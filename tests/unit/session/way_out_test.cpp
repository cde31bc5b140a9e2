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

TEST(RescueSession, UndoesEverythingWhateverTheCauseSays) {
  SessionWorld world;
  world.agent.password_failure = Error(ErrorCode::guest_agent, "agent: \xff\xfe", "\x80");
  auto& session = world.fresh_session();
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::guest_agent);
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_EQ(world.journal.load()->failure->message, "agent: \\xff\\xfe");
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, RetriesTheBootModeUntilTheControlPlaneIsBack) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.boot.unavailable_for = 4;
  session.finish(Ending::stay, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, NeedsAnOperatorWhenTheBootModeCantBeRestored) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.boot.unavailable_for = 1'000'000;
  const auto error = error_of([&] { session.finish(Ending::reboot, {}); });
  EXPECT_EQ(error.code(), ErrorCode::rollback_incomplete);
  EXPECT_EQ(exit_code_of(error.code()), 5);
  EXPECT_THAT(error.hint(), HasSubstr("rescuectl restore-boot"));
  EXPECT_THAT(world.host.endings, IsEmpty()) << "a reboot would enter rescue again";
  EXPECT_EQ(world.left_behind(), "boot mode is rescue-windows; ");

  world.boot.unavailable_for = 0;
  session.finish(Ending::reboot, {});
  EXPECT_EQ(world.left_behind(), "");
  EXPECT_EQ(world.host.endings, std::vector{Ending::reboot});
}

TEST(RescueSession, GoesOnPastErrorsOnItsWayOut) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.network.release_failure = Error(ErrorCode::network, "no");
  EXPECT_EQ(error_of([&] { session.finish(Ending::stay, {}); }).code(), ErrorCode::rollback_incomplete);
  EXPECT_EQ(world.left_behind(), "network taken; ");
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::rollback_incomplete);
}

TEST(RescueSession, IsUndoneWhenStopped) {
  SessionWorld world;
  std::stop_source stop;
  world.hypervisor.after_effect = [&](const std::string& call) {
    if (call == "start") stop.request_stop();
  };
  EXPECT_EQ(error_of([&] { world.fresh_session().start(stop.get_token()); }).code(), ErrorCode::cancelled);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, AdoptsNothingOfAnotherBoot) {
  SessionWorld world;
  world.fresh_session().start({});
  // A journal on a disk still exists; a running guest with this name is not this session's.
  world.host.boot = "boot-2";
  const auto takeovers = world.network.takeovers;
  auto& session = world.fresh_session();
  session.recover({});
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_EQ(session.record().failure->code, ErrorCode::interrupted);
  EXPECT_THAT(session.record().failure->message, HasSubstr("the host was restarted"));
  EXPECT_EQ(world.boot.current, "disk");
  EXPECT_EQ(world.network.takeovers, takeovers);
  EXPECT_TRUE(world.network.taken) << "a plan of another boot says nothing about the NIC of this one";
  EXPECT_FALSE(world.hypervisor.runs(SessionWorld::guest()));
  EXPECT_THAT(world.claims.held(), IsEmpty());
  EXPECT_THAT(world.host.endings, IsEmpty());
}

TEST(RescueSession, FinishesInTheNextBootWithoutEndingTheHostAgain) {
  SessionWorld world;
  auto& before = world.fresh_session();
  before.start({});
  struct Killed {};
  world.hypervisor.after_effect = [](const std::string& call) {
    if (call == "destroy") throw Killed{};
  };
  EXPECT_THROW(before.finish(Ending::reboot, {}), Killed);
  world.hypervisor.after_effect = {};
  world.host.boot = "boot-2";
  auto& session = world.fresh_session();
  session.recover({});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world.boot.current, "disk");
  EXPECT_THAT(world.host.endings, IsEmpty());
}

TEST(RescueSession, SaysThatTheHostDoesNotEnd) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.host.before_end = [] { throw Error(ErrorCode::subprocess, "systemctl reboot: Failed to connect to bus"); };
  EXPECT_EQ(error_of([&] { session.finish(Ending::reboot, {}); }).code(), ErrorCode::subprocess);
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_THAT(texts_of(world.journal.load()->warnings), Contains(HasSubstr("reboot failed: systemctl reboot")));
}

TEST(RescueSession, FinishesAnywayWhenALayerDidNotAnswerAtItsStart) {
  SessionWorld world;
  world.boot.snapshot_failure = Error(ErrorCode::unavailable, "the BMC is asleep");
  auto& session = world.fresh_session();
  session.start({});
  ASSERT_EQ(session.record().warnings.size(), 1U);
  EXPECT_THAT(session.record().warnings.front().text, HasSubstr("the BMC is asleep"));
  world.boot.refusal = Error(ErrorCode::unavailable, "the BMC is asleep");
  session.finish(Ending::reboot, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
}

TEST(RescueSession, RestoresTheBootModeByHand) {
  SessionWorld world;
  auto& session = world.fresh_session();
  EXPECT_EQ(session.restore_boot({}), "netboot: rescue-windows -> disk\n");
  EXPECT_EQ(session.restore_boot({}), "netboot: nothing to change\n");
}

}  // namespace
}  // namespace rescue::tests
