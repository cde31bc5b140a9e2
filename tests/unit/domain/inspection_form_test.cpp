// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "orchestrator/domain/inspection_form.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rescue::domain {
namespace {

DiskFacts sample() {
  DiskFacts facts;
  facts.bytes = 1U << 30U;
  facts.sector_size = 4096;
  facts.table = TableKind::gpt;
  facts.id = "0fc63daf-8483-4772-8e79-3d69d8477de4";
  facts.primary_gpt = GptCopy::good;
  facts.backup_gpt = GptCopy::damaged;
  facts.backup_at_end = false;
  facts.beyond_end = true;
  facts.protective_mbr = true;
  facts.hybrid = true;
  PartitionFacts partition{2,
                           1U << 20U,
                           1U << 25U,
                           "0x07",
                           "p-2",
                           "Basic data partition",
                           true,
                           Content::ntfs,
                           "ntfs",
                           "System",
                           NtfsState{true, false, true, ""}};
  PartitionFacts encrypted;
  encrypted.bitlocker = BitLockerVolume{"",
                                        "8f595209-f5b9-49a0-85d4-cb8f80258c27",
                                        "aes-xts-128",
                                        "WEB-01 D: 11/30/2026",
                                        WallTime(std::chrono::seconds(1'700'000'000)),
                                        BitLockerState::decrypting,
                                        true,
                                        {{BitLockerKey::recovery_password, "64311DEA-4587-4029-924A-BA299647998E"}}};
  facts.partitions = {partition, encrypted, {}};
  WindowsInstallation windows;
  windows.partition = 2;
  windows.folder = "Windows";
  windows.product = "Windows Server 2022 Standard";
  windows.role = WindowsRole::domain_controller;
  windows.installed = WallTime(std::chrono::seconds(1'700'000'000));
  windows.dirty_hives = {"SYSTEM"};
  windows.letters = {{"C", "p-2", "", 0}};
  windows.missing_files = {"System32/ntoskrnl.exe"};
  facts.windows = {windows};
  BootEntry entry;
  entry.id = "{b2721d73-1db4-4c62-bf78-c548a880142d}";
  entry.path = "\\Windows\\system32\\winload.efi";
  entry.device = {true, false, "p-2", "d-1", 0};
  entry.is_default = true;
  facts.boot = {{1, true, "EFI/Microsoft/Boot/bootmgfw.efi", true, BootStore::good, true, {entry}, ""}};
  facts.windows[0].compressed_hives = {"SOFTWARE"};
  facts.raid = FirmwareRaid{"", "1a2b3c4d", 7, {"S1", "S2"}, {{"Volume0", 1, 1U << 20U, RaidState::degraded}}};
  facts.dynamic = DynamicDisk{};
  facts.dynamic->id = "06495a85-fbfd-11e1-8cf9-52540061f5db";
  facts.dynamic->group = "WIN-Dg0";
  facts.dynamic->sequence = 4711;
  facts.dynamic->disks = {{"06495a85-fbfd-11e1-8cf9-52540061f5db", "Disk1"}};
  facts.dynamic->volumes = {{"Volume1", "v-1", DynamicKind::mirrored, 1U << 20U, "E:", {{{"d-1", "d-2"}}, {}}}};
  return facts;
}

TEST(DiskFactsForm, IsReadBack) { EXPECT_EQ(disk_facts_from(to_json(sample()).dump()), sample()); }

TEST(DiskFactsForm, IsRefusedIfAMemberIsMissingOrOfAnotherKind) {
  const auto whole = to_json(sample());
  EXPECT_THROW((void)disk_facts_from(""), Error);
  EXPECT_THROW((void)disk_facts_from("[]"), Error);
  for (const auto& [name, value] : whole.items()) {
    auto without = whole;
    without.erase(name);
    EXPECT_THROW((void)disk_facts_from(without.dump()), Error) << name;
    auto other = whole;
    other[name] = nlohmann::json::object();
    EXPECT_THROW((void)disk_facts_from(other.dump()), Error) << name;
  }
  for (const auto* const list : {"partitions", "windows", "boot"}) {
    for (const auto& [name, value] : whole[list][0].items()) {
      auto without = whole;
      without[list][0].erase(name);
      EXPECT_THROW((void)disk_facts_from(without.dump()), Error) << name;
    }
  }
}

TEST(DiskFactsForm, TakesNoMoreThanALineOfText) {
  auto json = to_json(sample());
  json["windows"][0]["product"] = std::string(1000, 'x') + "\x1b[2J\n";
  const auto facts = disk_facts_from(json.dump());
  EXPECT_EQ(facts.windows[0].product.size(), 300U);
  json["windows"][0]["product"] = "a\x1b[2J\nb";
  EXPECT_EQ(disk_facts_from(json.dump()).windows[0].product, "a\\x1b[2J b");
}

TEST(DiskFactsForm, TakesNoEndlessList) {
  auto json = to_json(sample());
  json["windows"][0]["crash_dumps"] = std::vector<std::string>(5000, "x");
  EXPECT_EQ(disk_facts_from(json.dump()).windows[0].crash_dumps.size(), 256U);
}

}  // namespace
}  // namespace rescue::domain
