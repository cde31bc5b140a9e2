// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/cli/disks_view.hpp"
#include "orchestrator/domain/inspection_form.hpp"
#include "orchestrator/domain/json.hpp"

#include <gtest/gtest.h>

namespace rescue::cli {
namespace {

using nlohmann::json;
using namespace domain;

/// A disk with a system partition, a Windows on C: and an encrypted volume.
DiskFacts server_disk() {
  DiskFacts facts;
  facts.table = TableKind::gpt;
  facts.id = "d-1";
  facts.primary_gpt = facts.backup_gpt = GptCopy::good;
  PartitionFacts system;
  system.number = 1;
  system.bytes = 100'000'000;
  system.content = Content::fat;
  PartitionFacts main;
  main.number = 3;
  main.bytes = 479'000'000'000;
  main.id = "p-3";
  main.content = Content::ntfs;
  main.label = "System";
  main.ntfs = NtfsState{};
  main.ntfs->dirty = true;
  PartitionFacts data;
  data.number = 4;
  data.bytes = 1'000'000'000;
  data.content = Content::bitlocker;
  data.bitlocker = BitLockerVolume{};
  data.bitlocker->method = "aes-xts-128";
  data.bitlocker->description = "WEB-01 D: 11/30/2026";
  data.bitlocker->state = BitLockerState::encrypted;
  data.bitlocker->protectors = {{BitLockerKey::recovery_password, "64311DEA-4587-4029-924A-BA299647998E"}};
  facts.partitions = {system, main, data};
  WindowsInstallation windows;
  windows.partition = 3;
  windows.folder = "Windows";
  windows.product = "Windows Server 2022 Standard";
  windows.build = "20348.2527";
  windows.computer_name = "WEB-01";
  windows.role = WindowsRole::domain_controller;
  windows.last_shutdown = WallTime(std::chrono::seconds(1796047500));
  windows.letters = {{"C", "p-3", "", 0}};
  facts.windows = {windows};
  return facts;
}

json answer_of(const DiskFacts& facts) {
  Disk disk;
  disk.path = "/dev/sda";
  disk.size_bytes = 480'103'981'056;
  disk.transport = "sata";
  disk.model = "INTEL SSDSC2KB48";
  disk.serial = "BTYF1234";
  auto answer = to_json(DiskSurvey{{disk}, {{"/dev/vda", ExclusionReason::host_root, "/dev/vda is mounted on /"}}});
  answer["not_inspected"] = "";
  answer["usable"][0]["facts"] = to_json(facts);
  answer["findings"] = json::array();
  for (const auto& finding : findings_of({{"/dev/sda", facts}})) answer["findings"].push_back(to_json(finding));
  return answer;
}

TEST(DisksText, ShowsWhatIsOnADiskAndWhatToDo) {
  EXPECT_EQ(
      disks_text(answer_of(server_disk())),
      "/dev/sda             480.1 GB  sata   INTEL SSDSC2KB48         BTYF1234\n"
      "  1     100.0 MB  fat            \n"
      "  3     479.0 GB  ntfs           C:, \"System\", Windows Server 2022 Standard 20348.2527, WEB-01, domain "
      "controller, last shut down 2026-11-30 14:05 UTC\n"
      "  4       1.0 GB  bitlocker      \"WEB-01 D: 11/30/2026\", aes-xts-128, opened by recovery-password\n"
      "  !  partition 3: Windows marked the volume to be checked\n"
      "     Save the files that matter, then run `chkdsk W: /f` in the rescue Windows.\n"
      "  !  partition 4: is encrypted by BitLocker; you need the recovery password with identifier "
      "64311DEA-4587-4029-924A-BA299647998E\n"
      "     The server's TPM can't be used from a rescue. The recovery password has 48 digits; it is kept by its "
      "identifier in the domain, in Entra ID or on paper: manage-bde -unlock W: -RecoveryPassword ...\n"
      "  i  partition 3: WEB-01 is a domain controller\n"
      "     Its accounts are those of the domain. The local account database holds only the password of the "
      "directory's restore mode.\n"
      "/dev/vda             left out  host-root: /dev/vda is mounted on /\n"
      "\nW: is the letter that the customer's volume has in the rescue Windows, S: that of the system partition. C: "
      "and X: are the\nrescue Windows itself.\n");
}

TEST(DisksText, FindsALetterByTheSignatureOfAnMbr) {
  auto facts = server_disk();
  facts.table = TableKind::mbr;
  facts.id = "1a2b3c4d";
  facts.partitions[1].id.clear();
  facts.partitions[1].start = 1U << 20U;
  facts.windows[0].letters = {{"D", "", "1a2b3c4d", 1U << 20U}};
  EXPECT_NE(disks_text(answer_of(facts)).find("ntfs           D:, \"System\""), std::string::npos);
}

TEST(DisksText, SaysWhyContentIsNotShown) {
  auto answer = answer_of(server_disk());
  answer["usable"][0].erase("facts");
  answer.erase("findings");
  answer["not_inspected"] = "a session runs, and its guest may write to the disks";
  EXPECT_NE(disks_text(answer).find("The content of the disks is not shown: a session runs"), std::string::npos);
}

TEST(BootChainText, HasALineForEachLinkAndTheRemedy) {
  const auto chain = json::array(
      {to_json(BootCheck{BootLink::system_partition, LinkVerdict::good, "/dev/sda", 1, "it is there", ""}),
       to_json(BootCheck{BootLink::boot_manager, LinkVerdict::broken, "/dev/sda", 1, "it is missing", "Copy it."})});
  EXPECT_EQ(boot_chain_text(chain), "good     system-partition    /dev/sda, partition 1: it is there\n"
                                    "broken   boot-manager        /dev/sda, partition 1: it is missing\n"
                                    "                             Copy it.\n");
}

}  // namespace
}  // namespace rescue::cli
