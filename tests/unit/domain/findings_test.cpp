// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/findings.hpp"

#include <gmock/gmock.h>

namespace rescue::domain {
namespace {

using ::testing::_;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

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

/// Codes and texts of a volume that these keys open.
std::vector<std::pair<std::string, std::string>> bitlocker_findings(const std::vector<BitLockerProtector>& protectors,
                                                                    BitLockerState state = BitLockerState::encrypted,
                                                                    const std::string& problem = "") {
  auto disk = healthy();
  auto& partition = disk.facts.partitions[0];
  partition.content = Content::bitlocker;
  partition.bitlocker = BitLockerVolume{};
  partition.bitlocker->protectors = protectors;
  partition.bitlocker->state = state;
  partition.bitlocker->problem = problem;
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& finding : findings_of({disk})) all.emplace_back(finding.code, finding.text);
  return all;
}

TEST(Findings, NameTheKeyOfAnEncryptedVolume) {
  using Keys = std::vector<BitLockerProtector>;
  const BitLockerProtector recovery{BitLockerKey::recovery_password, "64311DEA-4587-4029-924A-BA299647998E"};
  EXPECT_THAT(bitlocker_findings(Keys{{BitLockerKey::tpm, "T"}, {BitLockerKey::password, "P"}, recovery}),
              ElementsAre(Pair("bitlocker", "is encrypted by BitLocker; you need the recovery password with identifier "
                                            "64311DEA-4587-4029-924A-BA299647998E, or its password")));
  EXPECT_THAT(bitlocker_findings(Keys{{BitLockerKey::tpm, "T"}}),
              ElementsAre(Pair("bitlocker", HasSubstr("only this server's TPM can open it"))));
  EXPECT_THAT(bitlocker_findings(Keys{{BitLockerKey::clear, "C"}, recovery}),
              ElementsAre(Pair("bitlocker-suspended", HasSubstr("anyone can open it"))));
  EXPECT_THAT(bitlocker_findings(Keys{recovery}, BitLockerState::decrypting),
              ElementsAre(Pair("bitlocker", _), Pair("bitlocker-converting", HasSubstr("decrypting"))));
  EXPECT_THAT(bitlocker_findings({}, BitLockerState::unknown, "none of its metadata blocks can be read"),
              ElementsAre(Pair("bitlocker-damaged", HasSubstr("none of its metadata"))));
}

/// A member of a mirror of the firmware.
InspectedDisk raid_member(const std::string& path, const std::string& serial, std::uint64_t generation = 7) {
  InspectedDisk disk{path, {}, "", serial};
  disk.facts.content = Content::firmware_raid;
  disk.facts.raid = FirmwareRaid{
      "", "1a2b3c4d", generation, {"SERIAL-01", "SERIAL-02"}, {{"Volume0", 1, 1U << 30U, RaidState::normal}}};
  return disk;
}

TEST(Findings, NameTheMembersOfAnArrayOfTheFirmware) {
  const auto one = raid_member("/dev/sda", "WD-SERIAL-01");
  const auto two = raid_member("/dev/sdb", "SERIAL-02");
  EXPECT_THAT(codes_of({one, two}), ElementsAre("firmware-raid", "firmware-raid", "no-windows"));
  EXPECT_EQ(findings_of({one, two})[0].text, "is a member of the firmware's mirror 'Volume0', with /dev/sdb");
  EXPECT_EQ(findings_of({one})[0].text,
            "is a member of the firmware's mirror 'Volume0'; 1 of 2 members is missing: SERIAL-02");
  EXPECT_THAT(codes_of({raid_member("/dev/sda", "SERIAL-01", 6), two}),
              ElementsAre("firmware-raid", "firmware-raid-stale", "firmware-raid", "no-windows"));
}

TEST(Findings, NameARegistryThatIsCompressed) {
  EXPECT_THAT(codes_after([](DiskFacts& facts) { facts.windows[0].compressed_hives = {"SOFTWARE"}; }),
              ElementsAre("hive-compressed"));
}

/// A member of a group of three disks, with a mirror on the first two, a RAID5 on all and a stripe on the last two.
InspectedDisk member(const std::string& path, const std::string& id, std::uint64_t sequence = 7) {
  InspectedDisk disk{path, {}};
  disk.facts.table = TableKind::mbr;
  disk.facts.content = Content::other;
  DynamicDisk database;
  database.id = id;
  database.group_id = "g";
  database.group = "WIN-Dg0";
  database.sequence = sequence;
  database.disks = {{"1", "Disk1"}, {"2", "Disk2"}, {"3", "Disk3"}};
  database.volumes = {{"Mirror", "m", DynamicKind::mirrored, 1U << 30U, "E:", {{{"1"}}, {{"2"}}}},
                      {"Raid", "r", DynamicKind::raid5, 1U << 30U, "", {{{"1", "2", "3"}}}},
                      {"Stripe", "s", DynamicKind::striped, 1U << 30U, "", {{{"2", "3"}}}}};
  disk.facts.dynamic = database;
  return disk;
}

TEST(Findings, SayWhatOfAGroupOfDynamicDisksIsThere) {
  const auto one = member("/dev/sda", "1");
  const auto two = member("/dev/sdb", "2");
  const auto three = member("/dev/sdc", "3");
  EXPECT_THAT(codes_of({one, two, three}), ElementsAre("dynamic-disk", "dynamic-volume", "dynamic-volume",
                                                       "dynamic-volume", "dynamic-disk", "dynamic-disk", "no-windows"));
  EXPECT_THAT(codes_of({one, three}), ElementsAre("dynamic-volume-missing", "dynamic-disk", "dynamic-volume-degraded",
                                                  "dynamic-volume-degraded", "dynamic-disk", "no-windows"));
  EXPECT_EQ(findings_of({one, three})[0].text,
            "the dynamic volume Stripe (striped, 1024 MiB) can't be read; missing: Disk2");
  EXPECT_EQ(findings_of({one, three})[1].text, "is Disk1 of the 3 dynamic disks of the group WIN-Dg0; missing: Disk2");
  EXPECT_THAT(codes_of({one}), ElementsAre("dynamic-volume-missing", "dynamic-volume-missing", "dynamic-disk",
                                           "dynamic-volume-degraded", "no-windows"));
}

TEST(Findings, TellAnOlderDynamicDisk) {
  const auto old = member("/dev/sda", "1", 6);
  const auto codes = codes_of({old, member("/dev/sdb", "2"), member("/dev/sdc", "3")});
  EXPECT_THAT(codes, ElementsAre("dynamic-disk-stale", "dynamic-disk", "dynamic-disk", "dynamic-volume",
                                 "dynamic-volume", "dynamic-volume", "dynamic-disk", "no-windows"));
  auto unreadable = member("/dev/sda", "1");
  unreadable.facts.dynamic->problem = "its database is damaged";
  EXPECT_THAT(codes_of({unreadable}), ElementsAre("dynamic-disk-unreadable", "no-windows"));
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
