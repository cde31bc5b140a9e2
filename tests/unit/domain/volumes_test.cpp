// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/volumes.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rescue::domain {
namespace {

PartitionFacts ntfs(unsigned number, const std::string& id) {
  PartitionFacts partition;
  partition.number = number;
  partition.id = id;
  partition.bytes = 1'000'000 * std::uint64_t{number};
  partition.content = Content::ntfs;
  partition.ntfs = NtfsState{};
  return partition;
}

SessionRecord session(Phase phase, DiskMode mode) {
  SessionRecord record;
  record.phase = phase;
  record.plan.emplace();
  record.plan->guest.disk_mode = mode;
  return record;
}

TEST(Volumes, HaveTheLettersOfWindowsAndAreOnlyNtfs) {
  InspectedDisk system{"/dev/sda", {}};
  WindowsInstallation windows;
  windows.letters = {{"C", "aa", "", 0}, {"D", "bb", "", 0}, {"E", "bb", "", 0}};
  system.facts.windows = {windows};
  system.facts.partitions = {ntfs(1, "cc"), ntfs(3, "aa")};
  system.facts.partitions.push_back(ntfs(4, "dd"));
  system.facts.partitions.back().content = Content::bitlocker;
  InspectedDisk data{"/dev/sdb", {}};
  data.facts.partitions = {ntfs(1, "bb"), ntfs(2, "bb")};
  const auto volumes = volumes_of({system, data});
  ASSERT_EQ(volumes.size(), 4U);
  EXPECT_EQ(volumes[0].letter, "");
  EXPECT_EQ(volumes[1].letter, "C");
  EXPECT_EQ(volumes[2].letter, "D");
  EXPECT_EQ(volumes[2].disk, "/dev/sdb");
  EXPECT_EQ(volumes[3].letter, "") << "a copy of the partition does not take its letter";
  EXPECT_EQ(volume_from(to_json(volumes[1])), volumes[1]);
}

TEST(FileAccess, EndsWhereAnythingMayWriteToTheDisks) {
  EXPECT_TRUE(file_access({}).allowed) << "no session";
  EXPECT_FALSE(file_access(session(Phase::serving, DiskMode::read_write)).allowed);
  EXPECT_FALSE(file_access(session(Phase::finishing, DiskMode::read_write)).allowed);
  EXPECT_TRUE(file_access(session(Phase::failed, DiskMode::read_write)).allowed) << "all is undone";
  EXPECT_TRUE(file_access(session(Phase::finishing, DiskMode::read_only)).allowed);
  const auto apart = file_access(session(Phase::serving, DiskMode::overlay));
  EXPECT_TRUE(apart.allowed);
  EXPECT_THAT(apart.note, testing::HasSubstr("before the session's changes"));
  EXPECT_FALSE(file_access(session(Phase::finishing, DiskMode::overlay)).allowed) << "changes are being written";
  SessionRecord planning;
  planning.phase = Phase::starting;
  EXPECT_FALSE(file_access(planning).allowed) << "its disk mode is not known yet";
}

TEST(FileAccess, StaysRefusedWhileAGuestMayBeLeft) {
  auto record = session(Phase::failed, DiskMode::read_write);
  record.steps.push_back({});
  record.steps.back().name = name_of(StepName::start_guest);
  record.steps.back().state = StepState::done;
  const auto access = file_access(record);
  EXPECT_FALSE(access.allowed);
  EXPECT_THAT(access.remedy, testing::HasSubstr("rescuectl finish"));
}

}  // namespace
}  // namespace rescue::domain
