// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/findings.hpp"

#include <gmock/gmock.h>

namespace rescue::domain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A healthy server: GPT, FAT, NTFS with a Windows.
InspectedDisk healthy(const std::string& path = "/dev/sda", const std::string& id = "d-1") {
  InspectedDisk disk{path, {}};
  disk.facts.bytes = 1U << 30U;
  disk.facts.table = TableKind::gpt;
  disk.facts.id = id;
  disk.facts.primary_gpt = disk.facts.backup_gpt = GptCopy::good;
  PartitionFacts system;
  system.number = 1;
  system.content = Content::fat;
  PartitionFacts main;
  main.number = 2;
  main.content = Content::ntfs;
  main.ntfs = NtfsState{};
  disk.facts.partitions = {system, main};
  WindowsInstallation windows;
  windows.partition = 2;
  windows.folder = "Windows";
  windows.role = WindowsRole::server;
  disk.facts.windows = {windows};
  return disk;
}

std::vector<std::string> codes_of(const std::vector<InspectedDisk>& disks) {
  std::vector<std::string> codes;
  for (const auto& finding : findings_of(disks)) {
    codes.push_back(finding.code);
    EXPECT_FALSE(finding.text.empty()) << finding.code;
    EXPECT_TRUE(finding.severity == Severity::info || !finding.remedy.empty()) << finding.code;
  }
  return codes;
}

template <class Change>
std::vector<std::string> codes_after(Change change) {
  auto disk = healthy();
  change(disk.facts);
  return codes_of({disk});
}

TEST(Findings, AreNoneOfAHealthyServer) {
  EXPECT_THAT(codes_of({healthy()}), IsEmpty());
  EXPECT_THAT(codes_of({}), IsEmpty());
}

TEST(Findings, TellTheCopiesOfTheGptApart) {
  EXPECT_THAT(codes_after([](DiskFacts& facts) { facts.backup_gpt = GptCopy::damaged; }),
              ElementsAre("gpt-backup-damaged"));
  EXPECT_THAT(codes_after([](DiskFacts& facts) { facts.backup_gpt = GptCopy::absent; }),
              ElementsAre("gpt-backup-damaged"));
  EXPECT_THAT(codes_after([](DiskFacts& facts) { facts.primary_gpt = GptCopy::damaged; }),
              ElementsAre("gpt-primary-damaged"));
  EXPECT_THAT(codes_after([](DiskFacts& facts) { facts.backup_at_end = false; }), ElementsAre("gpt-not-at-end"));
  EXPECT_THAT(codes_after([](DiskFacts& facts) { facts.hybrid = true; }), ElementsAre("hybrid-mbr"));
}

TEST(Findings, DoNotMistakeAnOldGptForTheTableOfAnMbrDisk) {
  EXPECT_THAT(codes_after([](DiskFacts& facts) {
                facts.table = TableKind::mbr;
                facts.primary_gpt = GptCopy::absent;
              }),
              ElementsAre("gpt-remnant"));
  EXPECT_THAT(codes_after([](DiskFacts& facts) {
                facts.table = TableKind::mbr;
                facts.primary_gpt = facts.backup_gpt = GptCopy::absent;
              }),
              IsEmpty());
}

TEST(Findings, SayWhatIsLeftOfATable) {
  const auto of = [](GptCopy primary, GptCopy backup, bool protective, bool beyond_end = false) {
    return codes_after([&](DiskFacts& facts) {
      facts.table = TableKind::none;
      facts.primary_gpt = primary;
      facts.backup_gpt = backup;
      facts.protective_mbr = protective;
      facts.beyond_end = beyond_end;
    });
  };
  EXPECT_THAT(of(GptCopy::good, GptCopy::good, false), ElementsAre("mbr-lost"));
  EXPECT_THAT(of(GptCopy::absent, GptCopy::good, false), ElementsAre("mbr-lost"));
  EXPECT_THAT(of(GptCopy::damaged, GptCopy::damaged, true), ElementsAre("gpt-damaged"));
  EXPECT_THAT(of(GptCopy::absent, GptCopy::absent, true), ElementsAre("gpt-damaged"));
  EXPECT_THAT(of(GptCopy::good, GptCopy::absent, true, true), ElementsAre("gpt-beyond-end"));
}

TEST(Findings, TellAnEmptyDiskFromADamagedTable) {
  InspectedDisk disk{"/dev/sda", {}};
  EXPECT_THAT(codes_of({disk}), ElementsAre("no-table", "no-windows"));
  disk.facts.primary_gpt = GptCopy::damaged;
  EXPECT_THAT(codes_of({disk}), ElementsAre("gpt-damaged", "no-windows"));
  disk.facts.primary_gpt = GptCopy::absent;
  disk.facts.content = Content::firmware_raid;
  EXPECT_THAT(codes_of({disk}), ElementsAre("firmware-raid", "no-windows"));
}

TEST(Findings, NameWhatAPartitionHolds) {
  const auto of = [](Content content) {
    return codes_after([&](DiskFacts& facts) { facts.partitions[0].content = content; });
  };
  EXPECT_THAT(of(Content::ldm), ElementsAre("dynamic-disk"));
  EXPECT_THAT(of(Content::storage_spaces), ElementsAre("storage-spaces"));
  EXPECT_THAT(of(Content::bitlocker), ElementsAre("bitlocker"));
  EXPECT_THAT(of(Content::refs), ElementsAre("refs"));
  EXPECT_THAT(of(Content::exfat), IsEmpty());
}

TEST(Findings, NameTheStateOfAVolumeTheGravestFirst) {
  const auto codes = codes_after([](DiskFacts& facts) {
    facts.partitions[1].ntfs->dirty = true;
    facts.partitions[1].ntfs->hibernated = true;
    facts.partitions[1].ntfs->journal_unclean = true;
  });
  EXPECT_THAT(codes, ElementsAre("hibernated", "dirty")) << "an open journal is part of a hibernation";
  auto sleeping = healthy();
  sleeping.facts.partitions[1].ntfs->hibernated = sleeping.facts.partitions[1].ntfs->dirty = true;
  EXPECT_EQ(findings_of({sleeping}).at(1).remedy.find("chkdsk"), std::string::npos) << "not while it sleeps";
  EXPECT_THAT(codes_after([](DiskFacts& facts) { facts.partitions[1].ntfs->journal_unclean = true; }),
              ElementsAre("journal-unclean"));
  EXPECT_THAT(codes_after([](DiskFacts& facts) { facts.partitions[1].ntfs->problem = "can't be read"; }),
              ElementsAre("ntfs-unreadable"));
}

TEST(Findings, NameTheStateOfAWindows) {
  const auto codes = codes_after([](DiskFacts& facts) {
    auto& windows = facts.windows[0];
    windows.damaged_hives = {"SOFTWARE"};
    windows.dirty_hives = {"SYSTEM"};
    windows.role = WindowsRole::domain_controller;
    windows.update_pending = true;
    windows.crash_dumps = {"Windows/MEMORY.DMP"};
  });
  EXPECT_THAT(codes, ElementsAre("hive-damaged", "hive-dirty", "domain-controller", "update-pending", "crash-dumps"));
}

TEST(Findings, SayWhichDisksAreCopiesOfEachOther) {
  const auto findings = findings_of({healthy(), healthy("/dev/sdb"), healthy("/dev/sdc", "d-2")});
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].code, "same-identity");
  EXPECT_EQ(findings[0].disk, "/dev/sda");
  EXPECT_NE(findings[0].text.find("/dev/sdb"), std::string::npos);
  EXPECT_EQ(findings[1].disk, "/dev/sdb");
}

TEST(Findings, SayWhyADiskWasNotInspected) {
  auto disk = healthy();
  disk.problem = "it took longer than 60 s";
  disk.facts = {};
  const auto findings = findings_of({disk, healthy("/dev/sdb", "d-2")});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].code, "not-inspected");
  EXPECT_NE(findings[0].text.find("60 s"), std::string::npos);
}

}  // namespace
}  // namespace rescue::domain
