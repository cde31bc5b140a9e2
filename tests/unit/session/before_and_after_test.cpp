// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/doubles/session_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using domain::Ending;
using domain::Phase;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

domain::DiskSnapshot disk_with(const std::string& digest_of_hosts) {
  domain::DiskSnapshot disk;
  disk.table = "gpt";
  domain::VolumeRecord volume;
  volume.number = 2;
  volume.filesystem = "ntfs";
  volume.files = {{"Windows/System32/drivers/etc/hosts", 824, digest_of_hosts}};
  disk.volumes = {volume};
  return disk;
}

class BeforeAndAfter : public ::testing::Test {
protected:
  BeforeAndAfter() { world_.recorder.disks["/dev/sda"] = disk_with("before"); }
  session::RescueSession& started() {
    auto& session = world_.fresh_session();
    session.start({});
    return session;
  }
  void customer_writes() { world_.recorder.disks["/dev/sda"] = disk_with("after"); }
  static std::vector<std::string> texts_of(const session::RescueSession& session) {
    std::vector<std::string> texts;
    if (!session.record().report) return {"no report"};
    for (const auto& change : session.record().report->changes) texts.push_back(change.disk + ": " + change.text);
    return texts;
  }
  SessionWorld world_;
};

TEST_F(BeforeAndAfter, AreComparedAtTheEnd) {
  auto& session = started();
  ASSERT_TRUE(world_.snapshots.kept.has_value());
  EXPECT_EQ(world_.snapshots.kept->session, session.record().id);
  EXPECT_FALSE(session.record().report.has_value()) << "it is not over";
  customer_writes();
  session.finish(Ending::stay, {});
  EXPECT_THAT(texts_of(session), ElementsAre("/dev/sda: Windows/System32/drivers/etc/hosts was changed"));
  EXPECT_THAT(session.record().report->unknown, IsEmpty());
  EXPECT_THAT(session.record().find(domain::StepName::settle_disks)->detail, HasSubstr("1 change found"));
  EXPECT_EQ(nlohmann::json::parse(*world_.journal.content)["report"]["changes"][0]["code"], "file-changed");
}

TEST_F(BeforeAndAfter, SayThatNothingChanged) {
  auto& session = started();
  session.finish(Ending::stay, {});
  ASSERT_TRUE(session.record().report.has_value());
  EXPECT_EQ(*session.record().report, domain::SessionReport{});
  EXPECT_THAT(session.record().find(domain::StepName::settle_disks)->detail, HasSubstr("no change found"));
}

TEST_F(BeforeAndAfter, AreRecordedBeforeTheGuestStartsAndAfterItsChangesAreSettled) {
  world_.settings.disk_mode = domain::DiskMode::overlay;
  world_.hypervisor.after_effect = [&](const std::string&) { EXPECT_EQ(world_.recorder.calls, 1); };
  auto& session = started();
  world_.overlays.on_commit = [&] {
    EXPECT_EQ(world_.recorder.calls, 1);
    customer_writes();
  };
  session.finish(Ending::stay, {});
  EXPECT_EQ(world_.recorder.calls, 2);
  EXPECT_THAT(texts_of(session), ElementsAre(HasSubstr("hosts was changed")));
}

TEST_F(BeforeAndAfter, OutliveRescued) {
  started();
  customer_writes();
  auto& session = world_.fresh_session();
  session.recover({});
  EXPECT_EQ(world_.recorder.calls, 1) << "the guest runs: nothing is recorded anew";
  session.finish(Ending::stay, {});
  EXPECT_THAT(texts_of(session), ElementsAre(HasSubstr("hosts was changed")));
}

TEST_F(BeforeAndAfter, AreUnknownWithoutTheSnapshot) {
  auto& session = started();
  world_.snapshots.kept.reset();
  customer_writes();
  session.finish(Ending::stay, {});
  EXPECT_THAT(texts_of(session), IsEmpty());
  EXPECT_THAT(session.record().report->unknown, ElementsAre(HasSubstr("were not recorded before the session")));
  EXPECT_EQ(session.record().phase, Phase::finished);
}

TEST_F(BeforeAndAfter, WarnAndGoOnWhereTheyCanNotBeKept) {
  world_.snapshots.failure = Error(ErrorCode::io, "no room");
  auto& session = started();
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(tests::texts_of(session.record().warnings), Contains(HasSubstr("no room")));
}

TEST_F(BeforeAndAfter, WarnOfADiskThatCanNotBeRecorded) {
  world_.recorder.disks["/dev/sdb"].problem = "it took longer than 15 s";
  auto& session = started();
  EXPECT_EQ(session.record().phase, Phase::serving);
  EXPECT_THAT(tests::texts_of(session.record().warnings), Contains(HasSubstr("/dev/sdb could not be recorded")));
  session.finish(Ending::stay, {});
  EXPECT_THAT(session.record().report->unknown, ElementsAre(HasSubstr("/dev/sdb: could not be recorded before")));
}

TEST_F(BeforeAndAfter, AreNotComparedIfNoGuestRan) {
  world_.network.takeover_failure = Error(ErrorCode::network, "no");
  auto& session = world_.fresh_session();
  EXPECT_THROW(session.start({}), Error);
  EXPECT_FALSE(session.record().report.has_value());
}

TEST_F(BeforeAndAfter, IncludeTheFirmware) {
  world_.firmware.now.variables = {{"BootOrder", "0000", "1"}};
  auto& session = started();
  world_.firmware.now.variables = {{"BootOrder", "0001", "2"}};
  session.finish(Ending::stay, {});
  EXPECT_THAT(texts_of(session), ElementsAre(": the firmware's BootOrder changed from 0000 to 0001"));
}

TEST_F(BeforeAndAfter, HaveAFaultOfAFlushAsAWarning) {
  auto& session = started();
  world_.claims.release_problems = {"/dev/sda could not be flushed: Input/output error"};
  customer_writes();
  session.finish(Ending::stay, {});
  EXPECT_THAT(tests::texts_of(session.record().warnings), Contains(HasSubstr("could not be flushed")));
  EXPECT_THAT(texts_of(session), ElementsAre(HasSubstr("hosts was changed")));
}

}  // namespace
}  // namespace rescue::tests
