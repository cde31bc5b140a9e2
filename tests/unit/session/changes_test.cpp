// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Disk modes: what the guest writes to the server's disks, and what becomes of it.
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using domain::Changes;
using domain::DiskMode;
using domain::Ending;
using domain::FinishOrder;
using domain::Phase;
using domain::WarningCode;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::uint64_t guest_wrote = std::uint64_t{40} << 20U;

class SessionWithOverlay : public ::testing::Test {
protected:
  SessionWithOverlay() {
    world_.settings.disk_mode = DiskMode::overlay;
    world_.host.folders_in_memory = true;
  }
  session::RescueSession& serve() {
    auto& session = world_.fresh_session();
    session.start({});
    return session;
  }
  void crash_for_good(session::RescueSession& session) {
    for (unsigned i = 0; i <= world_.settings.most_crash_restarts; ++i) {
      world_.hypervisor.crash(SessionWorld::guest());
      try {
        session.guest_ended(domain::GuestEventKind::crashed, {});
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::rollback_incomplete);
      }
    }
  }
  static std::string overlay_of(const std::string& disk) { return "/run/rescue/guest/changes/" + disk + ".qcow2"; }
  /// The guest writes to the first disk.
  void write() { world_.overlays.bytes[overlay_of("sda")] = guest_wrote; }

  SessionWorld world_;
};

TEST_F(SessionWithOverlay, GivesTheGuestFilesOverTheDisks) {
  const auto& plan = *serve().record().plan;
  ASSERT_EQ(plan.guest.disks.size(), 2U);
  for (const auto& given : plan.guest.disks) {
    EXPECT_EQ(given.source, overlay_of(given.disk.path.substr(5)));
    EXPECT_EQ(given.format, domain::DiskFormat::qcow2);
    EXPECT_FALSE(given.discard) << "what a retrim discards can't be undeleted";
    EXPECT_TRUE(world_.overlays.bytes.contains(given.source));
  }
  EXPECT_EQ(plan.changes_mib, 4096U) << "an eighth of the memory";
  EXPECT_EQ(world_.host.memory_folders["/run/rescue/guest/changes"], 4096U);
}

TEST_F(SessionWithOverlay, WritesTheChangesToTheDisksAtTheEnd) {
  auto& session = serve();
  write();
  EXPECT_THAT(world_.overlays.written, IsEmpty()) << "before the end";
  world_.overlays.on_commit = [this] {
    EXPECT_EQ(world_.hypervisor.running_guests(), 0) << "nobody else may write";
    EXPECT_EQ(world_.claims.held().size(), 2U);
  };
  session.finish(Ending::reboot, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world_.overlays.written["/dev/sda"], guest_wrote);
  EXPECT_THAT(session.record().find(domain::StepName::settle_disks)->detail, HasSubstr("40 MiB of changes written"));
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(SessionWithOverlay, DropsTheChangesIfThatIsTheOrder) {
  auto& session = serve();
  write();
  session.finish({Ending::reboot, Changes::discard}, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_THAT(world_.overlays.written, IsEmpty());
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(SessionWithOverlay, DropsWhatAGuestWroteInWhichNobodyWas) {
  world_.agent.password_failure = Error(ErrorCode::guest_agent, "the guest refuses the password");
  EXPECT_THROW(serve(), Error);
  EXPECT_GT(world_.hypervisor.start_calls, 0) << "a guest had the overlays";
  EXPECT_THAT(world_.overlays.written, IsEmpty());
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(SessionWithOverlay, KeepsTheChangesOfAFailedSessionForADecision) {
  auto& session = serve();
  write();
  crash_for_good(session);
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_TRUE(session.record().changes_undecided);
  EXPECT_THAT(world_.overlays.written, IsEmpty());
  EXPECT_EQ(world_.boot.current, "disk") << "the rest is undone";
  EXPECT_THAT(world_.host.endings, IsEmpty());

  const auto undecided = error_of([&] { session.finish(Ending::reboot, {}); });
  EXPECT_THAT(undecided.hint(), AllOf(HasSubstr("--keep-changes"), HasSubstr("--discard-changes")));
  EXPECT_THAT(world_.overlays.written, IsEmpty());
  session.finish({Ending::reboot, Changes::keep}, {});
  EXPECT_EQ(world_.overlays.written["/dev/sda"], guest_wrote);
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(SessionWithOverlay, AsksForADecisionAlsoIfTheGuestCouldNotBeEnded) {
  auto& session = serve();
  write();
  world_.hypervisor.destroy_failure = Error(ErrorCode::hypervisor, "libvirt does not answer");
  crash_for_good(session);
  world_.hypervisor.destroy_failure.reset();
  EXPECT_THROW(session.finish(Ending::reboot, {}), Error);
  EXPECT_THAT(world_.overlays.written, IsEmpty()) << "nobody has decided";
  auto& next = world_.fresh_session();
  next.recover({});
  EXPECT_THROW(next.finish(Ending::reboot, {}), Error);
  EXPECT_THAT(world_.overlays.written, IsEmpty());
  next.finish({Ending::reboot, Changes::discard}, {});
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(SessionWithOverlay, HoldsTheDisksUntilTheChangesAreWritten) {
  auto& session = serve();
  write();
  world_.overlays.failures.emplace("/dev/sda", Error(ErrorCode::disk, "Input/output error"));
  const auto failed = error_of([&] { session.finish(Ending::reboot, {}); });
  EXPECT_THAT(failed.what(), HasSubstr("/dev/sda: Input/output error"));
  EXPECT_TRUE(world_.overlays.written.contains("/dev/sdb")) << "the other disk gets its changes";
  EXPECT_EQ(world_.claims.held().size(), 2U);
  EXPECT_EQ(session.record().phase, Phase::failed);
  EXPECT_THAT(world_.host.endings, IsEmpty());

  const auto refused = error_of([&] { session.finish({Ending::reboot, Changes::discard}, {}); });
  EXPECT_THAT(refused.what(), HasSubstr("a part of them is on /dev/sda already"));
  world_.overlays.failures.clear();
  session.finish({Ending::reboot, Changes::keep}, {});
  EXPECT_EQ(world_.overlays.written["/dev/sda"], guest_wrote);
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(SessionWithOverlay, MayBeDiscardedIfTheyCanNotBeWrittenAtAll) {
  auto& session = serve();
  write();
  world_.overlays.faults.emplace("/dev/sda", Error(ErrorCode::disk, "it has snapshots"));
  const auto failed = error_of([&] { session.finish(Ending::reboot, {}); });
  EXPECT_THAT(failed.what(), HasSubstr("/dev/sda: it has snapshots"));
  session.finish({Ending::reboot, Changes::discard}, {});
  EXPECT_FALSE(world_.overlays.written.contains("/dev/sda"));
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(SessionWithOverlay, LosesWithADiskOnlyTheChangesOfThatDisk) {
  auto& session = serve();
  write();
  world_.claims.troubled["/dev/sda"] = {"/dev/sda", domain::ExclusionReason::offline, "/dev/sda is offline"};
  const auto failed = error_of([&] { session.finish(Ending::reboot, {}); });
  EXPECT_THAT(failed.what(), HasSubstr("/dev/sda is offline"));
  EXPECT_TRUE(world_.overlays.written.contains("/dev/sdb"));
  EXPECT_TRUE(world_.overlays.bytes.contains(overlay_of("sda"))) << "it may come back";
  session.finish({Ending::reboot, Changes::discard}, {});
  EXPECT_EQ(session.record().phase, Phase::finished);
  EXPECT_EQ(world_.left_behind(), "");
}

TEST_F(SessionWithOverlay, KeepsTheChangesOfADiskThatWasAwayForAMoment) {
  auto& session = serve();
  write();
  world_.claims.troubled["/dev/sda"] = {"/dev/sda", domain::ExclusionReason::offline, "/dev/sda is offline"};
  world_.hypervisor.crash(SessionWorld::guest());
  session.guest_ended(domain::GuestEventKind::crashed, {});
  ASSERT_EQ(session.record().phase, Phase::serving);
  EXPECT_EQ(session.record().plan->guest.disks.size(), 1U) << "the guest runs on without it";
  world_.claims.troubled.clear();
  session.finish(Ending::reboot, {});
  EXPECT_EQ(world_.overlays.written["/dev/sda"], guest_wrote);
  EXPECT_EQ(world_.left_behind(), "");
}

/// Ends rescued where it is called.
struct Killed {};

TEST_F(SessionWithOverlay, GoesOnAfterAKillInTheMiddle) {
  for (const bool before : {true, false}) {
    SessionWorld world;
    world.settings.disk_mode = DiskMode::overlay;
    auto& session = world.fresh_session();
    session.start({});
    world.overlays.bytes[overlay_of("sda")] = guest_wrote;
    (before ? world.overlays.before_commit : world.overlays.on_commit) = [] { throw Killed(); };
    EXPECT_THROW(session.finish(Ending::reboot, {}), Killed);
    world.overlays.before_commit = world.overlays.on_commit = nullptr;
    EXPECT_TRUE(world.journal.load()->plan->guest.disks.front().half_written) << "the journal knows it";
    auto& next = world.fresh_session();
    next.recover({});
    EXPECT_EQ(next.record().phase, Phase::finished);
    EXPECT_EQ(world.overlays.written["/dev/sda"], guest_wrote);
    EXPECT_TRUE(world.overlays.written.contains("/dev/sdb"));
    EXPECT_EQ(world.left_behind(), "");
  }
}

TEST_F(SessionWithOverlay, IsNotDiscardedAfterAKillInTheMiddle) {
  auto& session = serve();
  write();
  world_.overlays.before_commit = [] { throw Killed(); };
  EXPECT_THROW(session.finish(Ending::reboot, {}), Killed);
  world_.overlays.before_commit = nullptr;
  world_.claims.busy["/dev/sda"] = "somebody else";
  world_.claims.lose_holder();
  auto& next = world_.fresh_session();
  EXPECT_THROW(next.recover({}), Error);
  const auto refused = error_of([&] { next.finish({Ending::reboot, Changes::discard}, {}); });
  EXPECT_THAT(refused.what(), HasSubstr("a part of them is on /dev/sda already"));
}

TEST_F(SessionWithOverlay, SaysThatChangesInMemoryDidNotOutliveTheHost) {
  (void)serve();
  write();
  world_.host.boot = "boot-2";
  world_.overlays.bytes.clear();
  world_.hypervisor.crash(SessionWorld::guest());
  world_.claims.lose_holder();
  auto& next = world_.fresh_session();
  next.recover({});
  EXPECT_EQ(next.record().phase, Phase::failed);
  EXPECT_THAT(next.record().rollback_failures, IsEmpty()) << "there is nothing to decide";
  EXPECT_THAT(texts_of(next.record().warnings),
              ::testing::Contains(HasSubstr("/dev/sda: what the guest wrote is lost")));
}

TEST_F(SessionWithOverlay, IsNotWrittenByItselfAfterARestartOfTheHost) {
  auto& session = serve();
  write();
  world_.overlays.failures.emplace("/dev/sda", Error(ErrorCode::disk, "Input/output error"));
  EXPECT_THROW(session.finish(Ending::reboot, {}), Error);
  world_.overlays.failures.clear();
  world_.overlays.written.clear();
  auto record = *world_.journal.load();
  record.phase = Phase::finishing;
  world_.journal.save(record);
  world_.host.boot = "boot-2";
  auto& next = world_.fresh_session();
  const auto error = error_of([&] { next.recover({}); });
  EXPECT_THAT(error.what(), HasSubstr("somebody else may have written to the disks"));
  EXPECT_THAT(world_.overlays.written, IsEmpty());
}

/// Changes on a disk outlive a power cut, as the copy of the journal beside them does.
class SessionWithOverlayOnADisk : public SessionWithOverlay {
protected:
  SessionWithOverlayOnADisk() {
    world_.settings.changes_folder = "/srv/changes";
    world_.host.folders_in_memory = false;
    auto& session = serve();
    path_ = session.record().plan->guest.disks.front().source;
    world_.overlays.bytes[path_] = guest_wrote;
    world_.overlays.failures.emplace("/dev/sda", Error(ErrorCode::disk, "Input/output error"));
    EXPECT_THROW(session.finish(Ending::reboot, {}), Error);
    world_.overlays.failures.clear();
    world_.overlays.written.clear();
    EXPECT_TRUE(world_.journal.load()->plan->guest.disks.front().half_written);
    world_.boot.current = "rescue";
    world_.host.boot = "boot-2";
  }
  session::RescueSession& after_the_power_cut() {
    auto record = *world_.journal.load();
    record.phase = Phase::finishing;
    world_.journal.save(record);
    return world_.fresh_session();
  }
  std::string path_;
};

TEST_F(SessionWithOverlayOnADisk, LeavesTheBootModeWhileADiskIsHalfWritten) {
  auto& next = after_the_power_cut();
  EXPECT_THROW(next.recover({}), Error);
  EXPECT_EQ(world_.boot.current, "rescue") << "nobody is to start from a disk that is half written";
  EXPECT_TRUE(next.record().changes_undecided);
  next.finish({Ending::reboot, Changes::keep}, {});
  EXPECT_EQ(world_.overlays.written["/dev/sda"], guest_wrote);
  EXPECT_EQ(world_.boot.current, "disk");
  EXPECT_EQ(next.record().phase, Phase::finished);
}

TEST_F(SessionWithOverlayOnADisk, FindsTheDisksByTheirSerialNumbers) {
  auto& disks = world_.inventory.present.usable;
  std::swap(disks.at(0).path, disks.at(1).path);
  std::swap(disks.at(0).device, disks.at(1).device);
  auto& next = after_the_power_cut();
  EXPECT_THROW(next.recover({}), Error);
  next.finish({Ending::reboot, Changes::keep}, {});
  EXPECT_EQ(world_.overlays.written["/dev/sdb"], guest_wrote)
      << "the kernel gave the first disk the name of the second";
}

TEST_F(SessionWithOverlayOnADisk, KnowsThatWhatIsGoneWasWritten) {
  world_.overlays.bytes.clear();
  auto& next = after_the_power_cut();
  next.recover({});
  EXPECT_THAT(next.record().rollback_failures, IsEmpty());
  EXPECT_THAT(next.record().find(domain::StepName::settle_disks)->detail, HasSubstr("were written before"));
  EXPECT_EQ(world_.boot.current, "disk");
}

TEST_F(SessionWithOverlay, GivesThemMoreMemoryWhenTheyAreFull) {
  auto& session = serve();
  world_.host.available_mib = 32768;
  world_.host.used_mib = 3500;
  EXPECT_FALSE(session.look_after_guest());
  EXPECT_TRUE(session.record().has_warning(WarningCode::changes_fill)) << "before it is full";
  world_.host.used_mib = 4096;
  world_.hypervisor.run_out_of_room(SessionWorld::guest());
  (void)session.look_after_guest();
  EXPECT_GT(world_.host.memory_folders["/run/rescue/guest/changes"], 4096U);
  EXPECT_GT(session.record().plan->changes_mib, 4096U);
}

TEST_F(SessionWithOverlay, LiesWhereTheOperatorSays) {
  world_.settings.changes_folder = "/mnt/scratch";
  world_.host.folders_in_memory = false;
  const auto& plan = *serve().record().plan;
  EXPECT_EQ(plan.changes_mib, 0U);
  EXPECT_THAT(plan.guest.disks.front().source, ::testing::MatchesRegex("/mnt/scratch/rescue-web-42-[0-9]+/sda.qcow2"))
      << "never in the folder of another session";
}

TEST(DiskModes, GiveTheGuestDisksThatItCantWrite) {
  SessionWorld world;
  world.settings.disk_mode = DiskMode::read_only;
  auto& session = world.fresh_session();
  session.start({});
  for (const auto& given : session.record().plan->guest.disks) {
    EXPECT_TRUE(given.read_only);
    EXPECT_EQ(given.source, given.disk.path);
  }
  session.finish({Ending::stay, Changes::discard}, {});
  EXPECT_EQ(world.left_behind(), "");
}

TEST(DiskModes, AreTheRequestsBeforeTheConfigurations) {
  SessionWorld world;
  domain::SessionRequest request;
  request.disk_mode = "overlay";
  auto& session = world.fresh_session();
  session.start({}, request);
  EXPECT_EQ(session.record().plan->guest.disk_mode, DiskMode::overlay);
}

TEST(DiskModes, ProtectAsTheOperatorSays) {
  SessionWorld world;
  world.settings.disk_mode = DiskMode::overlay;
  domain::SessionRequest request;
  request.disk_mode = "rw";
  auto& session = world.fresh_session();
  session.start({}, request);
  EXPECT_EQ(session.record().plan->guest.disk_mode, DiskMode::overlay) << "a control plane's default is no wish";
}

TEST(DiskModes, PassTrimOnOnlyIfConfigured) {
  for (const bool discard : {false, true}) {
    SessionWorld world;
    world.settings.discard = discard;
    auto& session = world.fresh_session();
    session.start({});
    EXPECT_EQ(session.record().plan->guest.disks.front().discard, discard);
  }
}

}  // namespace
}  // namespace rescue::tests
