// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/checks.hpp"
#include "orchestrator/session/plan.hpp"
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using domain::Ending;
using domain::Phase;
using domain::StepName;
using domain::StepState;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(RescueSession, ServesWithProvenCredentialsAndLeavesNothingBehind) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(world.missing_for_serving(), "");
  ASSERT_TRUE(session.record().connection);
  EXPECT_EQ(session.record().connection->address, "203.0.113.10");
  EXPECT_EQ(session.record().connection->ssh_host_key, world.probe.host_key);
  EXPECT_EQ(session.record().connection->rdp_certificate, world.probe.certificate);
  EXPECT_EQ(world.boot.current, "rescue-windows");

  session.finish(Ending::reboot, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world.left_behind(), "");
  EXPECT_EQ(world.host.endings, std::vector{Ending::reboot});
}

TEST(RescueSession, NeverWritesThePasswordToItsJournal) {
  SessionWorld world;
  world.fresh_session().start({});
  ASSERT_FALSE(world.announcer.passwords.empty());
  EXPECT_THAT(*world.journal.content, Not(HasSubstr(world.announcer.passwords.back())));
}

TEST(RescueSession, ChangesNothingWhenPreflightFails) {
  SessionWorld world;
  world.host.answer.memory_mib = 8192;
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("8192 MiB of memory, 16384 MiB are required"));
  EXPECT_THAT(error.hint(), HasSubstr("memory.minimum_mib"));
  EXPECT_EQ(world.claims.claims, 0);
  EXPECT_EQ(world.network.takeovers, 0);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, NamesEveryFailedCheckAtOnce) {
  SessionWorld world;
  world.host.answer.memory_mib = 8192;
  world.settings.nic = "eth7";
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_THAT(error.what(), HasSubstr("memory: "));
  EXPECT_THAT(error.what(), HasSubstr("nic: there is no NIC eth7"));
}

TEST(RescueSession, RefusesAnImageWithoutSignature) {
  SessionWorld world;
  world.images.inspect_failure = Error(ErrorCode::image_untrusted, "has no signature", "Sign it");
  EXPECT_EQ(error_of([&] { world.fresh_session().start({}); }).code(), ErrorCode::image_untrusted);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, UndoesEverythingWhenTheDigestIsWrong) {
  SessionWorld world;
  world.images.fetch_failure = Error(ErrorCode::image_untrusted, "its SHA-256 is not the one in its manifest");
  EXPECT_EQ(error_of([&] { world.fresh_session().start({}); }).code(), ErrorCode::image_untrusted);
  EXPECT_EQ(world.left_behind(), "");
}

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
  EXPECT_EQ(world.hypervisor.started.back().disks[0].path, "/dev/sda");
  ASSERT_EQ(session.record().plan->excluded_disks.size(), 1U);
  EXPECT_EQ(session.record().plan->excluded_disks[0].detail, "/dev/sdb does not answer");
  EXPECT_THAT(session.record().warnings, Contains(HasSubstr("/dev/sdb does not answer")));
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
  EXPECT_THAT(session.record().warnings, Contains(HasSubstr("/dev/sdb is in use: x (pid 7); the rescue goes on")));
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
  EXPECT_EQ(world.hypervisor.started.back().disks[0].path, "/dev/sdb");
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
  EXPECT_THAT(session.record().warnings, Contains(HasSubstr("/dev/sda: Input/output error")));
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

TEST(RescueSession, RefusesAControlPlaneWhoseNameCannotBeResolved) {
  SessionWorld world;
  world.settings.control_plane_hosts = {"198.51.100.1", "netbootd.example"};
  world.network.names["198.51.100.1"] = {"198.51.100.1"};
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
  world.network.names["netbootd.example"] = {"198.51.100.1", "2001:db8::10", "192.0.2.10"};
  world.network.names["192.0.2.10"] = {"192.0.2.10"};
  world.fresh_session().start({});
  ASSERT_TRUE(world.network.taken_plan);
  EXPECT_THAT(world.network.taken_plan->control_plane_addresses,
              ElementsAre("198.51.100.1", "2001:db8::10", "192.0.2.10"));
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

TEST(RescueSession, RestoresBootModeWhenGuestFailsToStart) {
  SessionWorld world;
  world.hypervisor.start_failure = Error(ErrorCode::hypervisor, "no", "yes");
  auto& session = world.fresh_session();
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::hypervisor);
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_EQ(session.record().find(StepName::restore_boot_mode)->state, StepState::done);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, EndsWithATimeoutWhenTheGuestNeverAnswers) {
  SessionWorld world;
  world.agent.never_answers = true;
  EXPECT_EQ(error_of([&] { world.fresh_session().start({}); }).code(), ErrorCode::timeout);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, NeverServesWhenTheAgentRefusesThePassword) {
  SessionWorld world;
  world.agent.password_failure = Error(ErrorCode::guest_agent, "refused");
  auto& session = world.fresh_session();
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::guest_agent);
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_THAT(world.announcer.passwords, IsEmpty());
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, NeverServesWhenThePasswordDoesNotLogIn) {
  SessionWorld world;
  world.probe.accepts = [](const std::string&, std::string_view) { return false; };
  EXPECT_EQ(error_of([&] { world.fresh_session().start({}); }).code(), ErrorCode::access_unproven);
  EXPECT_THAT(world.announcer.passwords, IsEmpty());
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, WaitsForServicesThatComeUpLate) {
  SessionWorld world;
  world.probe.ssh_closed_for = 20;
  world.probe.rdp_closed_for = 20;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
}

TEST(RescueSession, NeverServesWhenSshStaysClosed) {
  SessionWorld world;
  world.probe.ssh_closed_for = 1'000'000;
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::access_unproven);
  EXPECT_THAT(error.what(), HasSubstr("SSH"));
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, NeverServesWhenRdpStaysClosed) {
  SessionWorld world;
  world.probe.rdp_closed_for = 1'000'000;
  const auto error = error_of([&] { world.fresh_session().start({}); });
  EXPECT_EQ(error.code(), ErrorCode::access_unproven);
  EXPECT_THAT(error.what(), HasSubstr("RDP"));
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, SaysHandshakeOnlyWhereTheGuestHasNoNla) {
  SessionWorld world;
  world.probe.nla = false;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().connection->rdp_proof, domain::RdpProof::handshake_only);
}

TEST(RescueSession, GoesOnWithoutAHostname) {
  SessionWorld world;
  world.agent.run_failure = Error(ErrorCode::guest_agent, "guest-exec is disabled");
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(session.record().warnings, Contains(HasSubstr("guest-exec is disabled")));
}

TEST(RescueSession, ServesAndIsWrittenDownWhateverTheGuestSays) {
  SessionWorld world;
  world.agent.program = [](const auto&) {
    return ports::AgentCommandResult{1, "\xff\x1b[2J\xe2\x80\xae" + std::string(100'000, 'x')};
  };
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  ASSERT_EQ(session.record().warnings.size(), 1U);
  EXPECT_THAT(session.record().warnings.front(), HasSubstr("not set: \\xff\\x1b[2J\\u202exxx"));
  EXPECT_LE(session.record().warnings.front().size(), 2'000U);
  EXPECT_TRUE(world.journal.load());
}

TEST(RescueSession, GoesOnServingWhenARotationMeetsBytesThatAreNoText) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.probe.whoami = "\xc3\x28\n\x9b";
  const auto error = error_of([&] { (void)session.rotate_credentials({}); });
  EXPECT_EQ(error.code(), ErrorCode::access_unproven);
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(session.record().warnings, Contains(HasSubstr("whoami answered '\\xc3( \\x9b'")));
}

TEST(RescueSession, UndoesEverythingWhateverTheCauseSays) {
  SessionWorld world;
  world.agent.password_failure = Error(ErrorCode::guest_agent, "agent: \xff\xfe", "\x80");
  auto& session = world.fresh_session();
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::guest_agent);
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_EQ(world.journal.load()->failure->message, "agent: \\xff\\xfe");
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, SetsTheHostname) {
  SessionWorld world;
  world.fresh_session().start({});
  EXPECT_THAT(world.agent.commands, ::testing::ElementsAre(::testing::ElementsAre("/bin/hostname", "WINRESCUE")));
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

TEST(RescueSession, IsUndoneWhenStopped) {
  SessionWorld world;
  std::stop_source stop;
  world.hypervisor.after_effect = [&](const std::string& call) {
    if (call == "start") stop.request_stop();
  };
  EXPECT_EQ(error_of([&] { world.fresh_session().start(stop.get_token()); }).code(), ErrorCode::cancelled);
  EXPECT_EQ(world.left_behind(), "");
}

TEST(RescueSession, IsOnlyOneAtATime) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(error_of([&] { session.start({}); }).code(), ErrorCode::conflict);
  EXPECT_EQ(session.record().phase, Phase::serving);
}

TEST(RescueSession, RotatesToAPasswordThatAloneWorks) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  const auto old_password = world.announcer.passwords.back();
  const auto new_password = session.rotate_credentials({});
  EXPECT_TRUE(world.agent.accepts(SessionWorld::guest(), "Administrator", new_password.reveal()));
  EXPECT_FALSE(world.agent.accepts(SessionWorld::guest(), "Administrator", old_password));
}

TEST(RescueSession, SaysThatNobodyKnowsAPasswordThatWasNotProven) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.probe.rdp_without_tls = true;  // the customer has changed something
  const auto error = error_of([&] { (void)session.rotate_credentials({}); });
  EXPECT_EQ(error.code(), ErrorCode::access_unproven);
  EXPECT_THAT(error.hint(), HasSubstr("then rotate again"));

  auto& after_restart = world.fresh_session();
  after_restart.recover({});
  EXPECT_EQ(after_restart.record().phase, Phase::serving);
  EXPECT_FALSE(after_restart.record().announced) << "who was told the old one knows nothing now";
  EXPECT_THAT(after_restart.record().warnings, Contains(HasSubstr("could not be proven")));

  world.probe.rdp_without_tls = false;
  const auto password = after_restart.rotate_credentials({});
  EXPECT_TRUE(world.agent.accepts(SessionWorld::guest(), "Administrator", password.reveal()));
  EXPECT_TRUE(after_restart.record().announced);
  EXPECT_THAT(after_restart.record().warnings, Not(Contains(HasSubstr("could not be proven"))));
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

TEST(RescueSession, HoldsDisksAndNetworkAgainBeforeAGuestIsRestarted) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.claims.lose_holder();
  world.network.taken = false;  // as its bridge forgets what it knew of the tap
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
  EXPECT_THAT(world.journal.load()->warnings.front(), HasSubstr("the guest is paused: "));
  EXPECT_THAT(world.last_wait, HasSubstr("room for the guest's throw-away disk"));
  session.guest_ended(domain::GuestEventKind::stopped, {});
  EXPECT_EQ(world.hypervisor.start_calls, 1) << "it has not ended";

  world.hypervisor.has_room = true;
  EXPECT_TRUE(session.look_after_guest()) << "it is told to go on";
  EXPECT_FALSE(session.look_after_guest());
  EXPECT_THAT(session.record().warnings, IsEmpty());
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

TEST(RescueSession, AdoptsNothingOfAnotherBoot) {
  SessionWorld world;
  world.fresh_session().start({});
  // A journal that lies on a disk is still there; whatever runs under the guest's name is not this session's.
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
  EXPECT_THAT(world.journal.load()->warnings, Contains(HasSubstr("was to reboot, and could not: systemctl reboot")));
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

TEST(RescueSession, ServesWhenNobodyTakesTheCredentials) {
  SessionWorld world;
  world.announcer.somebody_waits = false;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_FALSE(session.record().announced);
}

TEST(RescueSession, DoesWhatTheRequestAsksFor) {
  SessionWorld world;
  domain::SessionRequest request;
  request.session = "s-1";
  request.on_shutdown = "finish";
  request.then = "poweroff";
  request.image = "fake";
  request.requester_public_key = "a key";
  auto& session = world.fresh_session();
  session.start({}, request);
  EXPECT_EQ(world.announcer.public_keys, std::vector<std::string>{"a key"});
  // A new rescued goes by it too: it is in the journal.
  auto& adopted = world.fresh_session();
  adopted.recover({});
  world.hypervisor.shut_down_from_inside(SessionWorld::guest());
  adopted.guest_ended(domain::GuestEventKind::stopped, {});
  EXPECT_EQ(adopted.record().phase, Phase::finished);
  EXPECT_EQ(world.host.endings, std::vector{Ending::poweroff});
}

TEST(RescueSession, RefusesARequestThatItDoesNotUnderstand) {
  for (const auto& [field, word] : {std::pair{&domain::SessionRequest::on_shutdown, "dance"},
                                    {&domain::SessionRequest::then, "explode"},
                                    {&domain::SessionRequest::disk_mode, "overlay"},
                                    {&domain::SessionRequest::image, "another"}}) {
    SessionWorld world;
    domain::SessionRequest request;
    request.*field = word;
    auto& session = world.fresh_session();
    const auto error = error_of([&] { session.start({}, request); });
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_THAT(error.what(), HasSubstr(word));
    EXPECT_FALSE(error.hint().empty());
    EXPECT_EQ(session.record().phase, Phase::failed);
    EXPECT_EQ(world.left_behind(), "");
  }
}

TEST(RescueSession, SaysThatADiskMayBeMissingWhenDevicesAreStillBeingSetUp) {
  SessionWorld world;
  world.host.devices_settle = false;
  auto& session = world.fresh_session();
  session.start({});
  EXPECT_EQ(session.record().phase, Phase::serving);
  ASSERT_EQ(session.record().warnings.size(), 1U);
  EXPECT_THAT(session.record().warnings.front(), HasSubstr("rescuectl disks"));
}

TEST(RescueSession, FinishesAnywayWhenALayerDidNotAnswerAtItsStart) {
  SessionWorld world;
  world.boot.snapshot_failure = Error(ErrorCode::unavailable, "the BMC is asleep");
  auto& session = world.fresh_session();
  session.start({});
  ASSERT_EQ(session.record().warnings.size(), 1U);
  EXPECT_THAT(session.record().warnings.front(), HasSubstr("the BMC is asleep"));
  world.boot.refusal = Error(ErrorCode::unavailable, "the BMC is asleep");
  session.finish(Ending::reboot, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
}

TEST(RescueSession, ChecksTheNicOfItsPlanWhileItIsTaken) {
  SessionWorld world;
  auto& session = world.fresh_session();
  session.start({});
  world.settings.nic = "gone";  // as a NIC without address, in a bridge
  session::Ports ports{world.hypervisor, world.agent,     world.inventory,     world.claims,  world.network,
                       world.probe,      world.images,    world.control_plane, {&world.boot}, world.host,
                       world.journal,    world.announcer, world.clock};
  const auto nic_check = [&](const domain::SessionRecord& record) {
    const auto checks = session::run_checks(ports, world.settings, record, {});
    return *std::find_if(checks.begin(), checks.end(), [](const auto& check) { return check.name == "nic"; });
  };
  EXPECT_EQ(nic_check(session.record()).verdict, session::Verdict::ok);
  EXPECT_THAT(nic_check(session.record()).detail, HasSubstr("203.0.113.10, with the rescue VM"));
  EXPECT_EQ(nic_check({}).verdict, session::Verdict::failed);
}

TEST(RescueSession, RestoresTheBootModeByHand) {
  SessionWorld world;
  auto& session = world.fresh_session();
  EXPECT_EQ(session.restore_boot({}), "netboot: rescue-windows -> disk\n");
  EXPECT_EQ(session.restore_boot({}), "netboot: nothing to change\n");
}

}  // namespace
}  // namespace rescue::tests
