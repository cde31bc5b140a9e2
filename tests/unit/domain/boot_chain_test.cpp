// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/boot_chain.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace rescue::domain {
namespace {

/// A server whose chain is whole: an EFI system partition and a Windows on one disk.
InspectedDisk server() {
  InspectedDisk disk{"/dev/sda", {}};
  auto& facts = disk.facts;
  facts.table = TableKind::gpt;
  facts.id = "d-1";
  PartitionFacts system;
  system.number = 1;
  system.content = Content::fat;
  PartitionFacts main;
  main.number = 3;
  main.id = "p-3";
  main.content = Content::ntfs;
  main.ntfs = NtfsState{};
  facts.partitions = {system, main};
  WindowsInstallation windows;
  windows.partition = 3;
  windows.folder = "Windows";
  windows.uefi_loader = windows.bios_loader = true;
  facts.windows = {windows};
  BootEntry entry;
  entry.id = "{e-1}";
  entry.description = "Windows Server";
  entry.path = "\\Windows\\system32\\winload.efi";
  entry.folder = "\\WINDOWS";
  entry.device = entry.os_device = {true, false, "p-3", "d-1", 0};
  entry.is_default = true;
  BootFiles files;
  files.partition = 1;
  files.manager = "EFI/Microsoft/Boot/bootmgfw.efi";
  files.store = BootStore::good;
  files.entries = {entry};
  facts.boot = {files};
  return disk;
}

/// The last link of the chain after a change to the server.
template <class Change>
std::pair<BootLink, LinkVerdict> last_after(Change change) {
  auto disk = server();
  change(disk.facts);
  const auto checks = boot_chain({disk}, true);
  for (const auto& check : checks) {
    EXPECT_FALSE(check.text.empty());
    EXPECT_EQ(check.remedy.empty(), check.verdict == LinkVerdict::good) << check.text;
  }
  return {checks.back().link, checks.back().verdict};
}

/// The verdict on one link after a change.
template <class Change>
LinkVerdict verdict_after(BootLink link, Change change) {
  auto disk = server();
  change(disk.facts);
  for (const auto& check : boot_chain({disk}, true)) {
    if (check.link == link) return check.verdict;
  }
  return LinkVerdict::hidden;
}

using Last = std::pair<BootLink, LinkVerdict>;

TEST(BootChain, IsGoodUpToTheKernelOfAServerThatBoots) {
  const auto checks = boot_chain({server()}, true);
  ASSERT_EQ(checks.size(), 9U);
  for (const auto& check : checks) EXPECT_EQ(check.verdict, LinkVerdict::good) << check.text;
}

TEST(BootChain, NamesTheFirstBrokenLink) {
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.boot.clear(); }),
            Last(BootLink::system_partition, LinkVerdict::broken));
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.boot[0].problem = "the FAT volume can't be read"; }),
            Last(BootLink::system_partition, LinkVerdict::broken));
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.boot[0].manager.clear(); }),
            Last(BootLink::boot_manager, LinkVerdict::broken));
  for (const auto store : {BootStore::absent, BootStore::damaged}) {
    EXPECT_EQ(last_after([&](DiskFacts& facts) { facts.boot[0].store = store; }),
              Last(BootLink::boot_configuration, LinkVerdict::broken));
  }
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.boot[0].entries.clear(); }),
            Last(BootLink::boot_entry, LinkVerdict::broken));
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.partitions[1].id = "p-4"; }),
            Last(BootLink::windows_partition, LinkVerdict::broken));
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.id = "d-2"; }),
            Last(BootLink::windows_partition, LinkVerdict::broken))
      << "another system has changed the disk's GUID: 0xc000000e";
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.partitions[1].ntfs->problem = "damaged"; }),
            Last(BootLink::windows_volume, LinkVerdict::broken));
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.windows.clear(); }),
            Last(BootLink::windows_files, LinkVerdict::broken));
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.windows[0].missing_files = {"System32/ntoskrnl.exe"}; }),
            Last(BootLink::windows_files, LinkVerdict::broken));
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.windows[0].damaged_hives = {"SYSTEM"}; }),
            Last(BootLink::windows_registry, LinkVerdict::broken));
}

TEST(BootChain, IsBrokenWithoutTheLoaderOfItsFirmware) {
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.windows[0].uefi_loader = false; }),
            Last(BootLink::windows_files, LinkVerdict::broken));
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.boot[0].entries[0].path = "\\Windows\\system32\\winload.exe"; }),
            Last(BootLink::boot_entry, LinkVerdict::broken));
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.boot[0].entries[0].device.partition_id = "p-9"; }),
            Last(BootLink::windows_partition, LinkVerdict::broken))
      << "the loader is elsewhere than Windows";
}

TEST(BootChain, MeansTheCustomersWindowsInItsRemedies) {
  for (const auto& change : std::vector<std::function<void(DiskFacts&)>>{
           [](DiskFacts& facts) { facts.boot[0].manager.clear(); },
           [](DiskFacts& facts) { facts.boot[0].store = BootStore::absent; },
           [](DiskFacts& facts) { facts.id = "d-2"; }, [](DiskFacts& facts) { facts.partitions[1].ntfs->dirty = true; },
           [](DiskFacts& facts) { facts.windows[0].missing_files = {"System32/ntoskrnl.exe"}; },
           [](DiskFacts& facts) { facts.windows[0].update_pending = true; }}) {
    auto disk = server();
    change(disk.facts);
    for (const auto& check : boot_chain({disk}, true)) {
      EXPECT_EQ(check.remedy.find("C:"), std::string::npos) << "that is the rescue Windows: " << check.remedy;
    }
  }
}

TEST(BootChain, DoesNotCallBrokenWhatMayBeOnADiskThatWasNotInspected) {
  InspectedDisk lost{"/dev/sdb", {}, "it took longer than 60 s"};
  const auto nothing = boot_chain({lost}, true);
  ASSERT_EQ(nothing.size(), 1U);
  EXPECT_EQ(nothing[0].verdict, LinkVerdict::hidden);
  EXPECT_NE(nothing[0].text.find("60 s"), std::string::npos);
  auto elsewhere = server();
  elsewhere.facts.boot[0].entries[0].device =
      elsewhere.facts.boot[0].entries[0].os_device = {true, false, "p-9", "d-9", 0};
  EXPECT_EQ(boot_chain({elsewhere, lost}, true).back().verdict, LinkVerdict::hidden);
  EXPECT_EQ(boot_chain({elsewhere}, true).back().verdict, LinkVerdict::broken);
}

TEST(BootChain, IsHiddenBehindADeviceThatItCantFollow) {
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.boot[0].entries[0].os_device = {}; }),
            Last(BootLink::windows_partition, LinkVerdict::hidden))
      << "a virtual disk, for example";
}

TEST(BootChain, PrefersTheWholeIdentityToACopyOfThePartition) {
  auto copy = server();
  copy.path = "/dev/sdb";
  copy.facts.id = "d-2";
  copy.facts.boot.clear();
  const auto checks = boot_chain({server(), copy}, true);
  EXPECT_EQ(checks.back().link, BootLink::windows_state);
  EXPECT_EQ(checks.back().disk, "/dev/sda");
  copy.facts.id = "d-1";
  const auto twice = boot_chain({server(), copy}, true);
  EXPECT_EQ(twice[4].link, BootLink::windows_partition);
  EXPECT_EQ(twice[4].verdict, LinkVerdict::suspect);
}

TEST(BootChain, FollowsTheFirmwareThatWindowsWasInstalledFor) {
  const auto checks = boot_chain({server()}, false);
  EXPECT_EQ(checks.front().verdict, LinkVerdict::suspect) << "the rescue was started by BIOS";
  EXPECT_EQ(checks.back().link, BootLink::windows_state);
}

TEST(BootChain, SaysFirstThatWindowsSleeps) {
  auto disk = server();
  disk.facts.partitions[1].ntfs->hibernated = disk.facts.partitions[1].ntfs->dirty = true;
  for (const auto& check : boot_chain({disk}, true)) {
    if (check.link != BootLink::windows_volume) continue;
    EXPECT_EQ(check.verdict, LinkVerdict::suspect);
    EXPECT_EQ(check.remedy.find("chkdsk"), std::string::npos) << check.remedy;
  }
}

TEST(BootChain, EndsWhereItCantSeeFurther) {
  for (const auto content : {Content::bitlocker, Content::ldm, Content::storage_spaces}) {
    EXPECT_EQ(last_after([&](DiskFacts& facts) { facts.partitions[1].content = content; }),
              Last(BootLink::windows_volume, LinkVerdict::hidden));
  }
}

TEST(BootChain, GoesOnAfterWhatIsOnlySuspect) {
  EXPECT_EQ(verdict_after(BootLink::boot_configuration, [](DiskFacts& facts) { facts.boot[0].store_dirty = true; }),
            LinkVerdict::suspect);
  EXPECT_EQ(verdict_after(BootLink::boot_entry, [](DiskFacts& facts) { facts.boot[0].entries[0].is_default = false; }),
            LinkVerdict::suspect);
  EXPECT_EQ(verdict_after(BootLink::windows_volume, [](DiskFacts& facts) { facts.partitions[1].ntfs->dirty = true; }),
            LinkVerdict::suspect);
  EXPECT_EQ(
      verdict_after(BootLink::windows_registry, [](DiskFacts& facts) { facts.windows[0].dirty_hives = {"SYSTEM"}; }),
      LinkVerdict::suspect);
  EXPECT_EQ(last_after([](DiskFacts& facts) { facts.windows[0].update_pending = true; }),
            Last(BootLink::windows_state, LinkVerdict::suspect));
}

TEST(BootChain, FollowsAnMbrByItsActivePartition) {
  auto disk = server();
  auto& facts = disk.facts;
  facts.table = TableKind::mbr;
  facts.id = "1a2b3c4d";
  facts.partitions[0].active = true;
  facts.partitions[1].start = 1U << 20U;
  facts.boot[0].manager = "bootmgr";
  facts.boot[0].uefi = false;
  auto& entry = facts.boot[0].entries[0];
  entry.path = "\\Windows\\system32\\winload.exe";
  entry.device = entry.os_device = {true, false, "", "1a2b3c4d", 1U << 20U};
  EXPECT_EQ(boot_chain({disk}, false).back().link, BootLink::windows_state);
  facts.id = "deadbeef";
  EXPECT_EQ(boot_chain({disk}, false).back().link, BootLink::windows_partition);
}

TEST(BootChain, FindsAWindowsOnAnotherDisk) {
  auto first = server();
  auto second = server();
  second.path = "/dev/sdb";
  second.facts.id = "d-2";
  second.facts.boot.clear();
  first.facts.boot[0].entries[0].device = first.facts.boot[0].entries[0].os_device = {true, false, "p-9", "d-2", 0};
  second.facts.partitions[1].id = "p-9";
  const auto checks = boot_chain({first, second}, true);
  EXPECT_EQ(checks.back().link, BootLink::windows_state);
  EXPECT_EQ(checks.back().disk, "/dev/sdb");
}

TEST(BootChain, PrefersTheSystemPartitionWithABootManager) {
  auto empty = server();
  empty.path = "/dev/sdb";
  empty.facts.id = "d-2";
  empty.facts.boot[0].manager.clear();
  EXPECT_EQ(boot_chain({empty, server()}, true).front().disk, "/dev/sda");
  EXPECT_EQ(boot_chain({server(), empty}, true).front().disk, "/dev/sda");
}

TEST(BootChain, IsBrokenWithoutAnyDisk) {
  const auto checks = boot_chain({}, true);
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].verdict, LinkVerdict::broken);
}

}  // namespace
}  // namespace rescue::domain
