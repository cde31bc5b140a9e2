// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/base64.hpp"
#include "core/error.hpp"
#include "orchestrator/domain/boot_store_changes.hpp"
#include "orchestrator/domain/snapshot_form.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rescue::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string manager_id = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";
const std::string loader_id = "{b2721d73-1db4-4c62-bf78-c548a880142d}";
const std::string old_loader_id = "{a2721d73-1db4-4c62-bf78-c548a880142d}";

std::string mbr_with(char boot_code, char table) {
  std::string bytes(512, '\0');
  bytes[0] = boot_code;
  bytes[450] = table;
  return base64_of(bytes);
}

/// A disk of a server with UEFI: system partition, Windows.
DiskSnapshot recorded_disk() {
  DiskSnapshot disk;
  disk.path = "/dev/sda";
  disk.bytes = 480'000'000'000;
  disk.table = "gpt";
  disk.id = "d-1";
  disk.regions = {{"mbr", 0, 512, "m", mbr_with('a', 'b')},
                  {"primary-gpt", 512, 16'896, "p"},
                  {"backup-gpt", 479'999'983'104, 16'896, "q"}};
  VolumeRecord system;
  system.number = 1;
  system.start = 1'048'576;
  system.bytes = 100'000'000;
  system.type = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
  system.id = "p-1";
  system.name = "EFI system partition";
  system.filesystem = "fat";
  system.boot_sector = "fat-1";
  system.files = {{"EFI/Microsoft/Boot/bootmgfw.efi", 1'500'000, "f1"},
                  {"EFI/Microsoft/Boot/BCD", 28'672, "b1"},
                  {"EFI/Boot/bootx64.efi", 1'500'000, "f1"}};
  system.store = "EFI/Microsoft/Boot/BCD";
  system.objects = {{manager_id, {{"12000004", "Windows Boot Manager"}, {"23000003", loader_id}, {"25000004", "30"}}},
                    {loader_id,
                     {{"12000004", "Windows Server"},
                      {"12000002", "\\Windows\\system32\\winload.efi"},
                      {"21000001", "partition p-2 of disk d-1"}}},
                    {old_loader_id, {{"12000004", "Old Windows"}}}};
  VolumeRecord main;
  main.number = 2;
  main.start = 200'000'000;
  main.bytes = 479'000'000'000;
  main.type = "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7";
  main.id = "p-2";
  main.filesystem = "ntfs";
  main.boot_sector = "ntfs-1";
  main.files = {{"Windows/System32/drivers/etc/hosts", 824, "h1", "2026-11-01T00:00:00.000Z"},
                {"Windows/System32/config/SOFTWARE", 90'000'000, "", "2026-11-01T00:00:00.000Z"}};
  disk.volumes = {system, main};
  return disk;
}

SessionReport compared(const DiskSnapshot& before, const DiskSnapshot& after) {
  SessionReport report;
  compare(before, after, report);
  return report;
}

std::vector<std::string> changes_of(const SessionReport& report) {
  std::vector<std::string> texts;
  for (const auto& change : report.changes) {
    texts.push_back(std::to_string(change.partition) + " " + std::string(name_of(change.code)) + ": " + change.text);
  }
  return texts;
}

class Comparison : public ::testing::Test {
protected:
  [[nodiscard]] SessionReport report() const { return compared(before_, after_); }
  [[nodiscard]] std::vector<std::string> texts() const { return changes_of(report()); }
  VolumeRecord& system() { return after_.volumes[0]; }
  VolumeRecord& main() { return after_.volumes[1]; }

  DiskSnapshot before_ = recorded_disk();
  DiskSnapshot after_ = recorded_disk();
};

TEST_F(Comparison, FindsNothingWhereNothingChanged) { EXPECT_EQ(report(), SessionReport{}); }

TEST_F(Comparison, NamesTheElementOfABootEntry) {
  system().objects[1].elements[1].value = "\\Windows\\system32\\winload.exe";
  system().files[1].sha256 = "b2";
  EXPECT_THAT(texts(),
              ElementsAre("1 boot-entry-changed: boot configuration: entry 'Windows Server': path changed from "
                          "'\\Windows\\system32\\winload.efi' to '\\Windows\\system32\\winload.exe'"));
  EXPECT_EQ(report().changes[0].disk, "/dev/sda");
}

TEST_F(Comparison, NamesTheDefaultEntryByItsDescription) {
  system().objects[0].elements[1].value = old_loader_id;
  system().objects[0].elements.push_back({"24000001", loader_id + " " + old_loader_id});
  system().objects[1].elements.pop_back();
  system().objects[1].elements.push_back({"23000003", "{1}"});
  EXPECT_THAT(
      texts(),
      ElementsAre("1 boot-entry-changed: boot configuration: entry 'Windows Boot Manager': default changed from "
                  "'Windows Server' to 'Old Windows'",
                  "1 boot-entry-changed: boot configuration: entry 'Windows Boot Manager': displayorder was set "
                  "to 'Windows Server', 'Old Windows'",
                  "1 boot-entry-changed: boot configuration: entry 'Windows Server': osdevice was removed; it was "
                  "'partition p-2 of disk d-1'",
                  "1 boot-entry-changed: boot configuration: entry 'Windows Server': resumeobject was set to {1}"));
}

TEST_F(Comparison, SeesBootEntriesComeAndGo) {
  system().objects.pop_back();
  system().objects.push_back({"{new}", {{"12000002", "\\x"}}});
  EXPECT_THAT(texts(), ElementsAre("1 boot-entry-removed: boot configuration: entry 'Old Windows' was removed",
                                   "1 boot-entry-added: boot configuration: entry {new} was added, path '\\x'"));
}

TEST_F(Comparison, SeesABootConfigurationThatIsGoneOrDamaged) {
  system().store_problem = "is no registry hive";
  EXPECT_THAT(texts(), ElementsAre("1 boot-configuration-changed: the boot configuration (BCD) is damaged now: Windows "
                                   "can't start from here"));
  system().store.clear();
  EXPECT_THAT(texts(),
              ElementsAre("1 boot-configuration-changed: the boot configuration (BCD) was removed: Windows can't "
                          "start from here"));
  std::swap(before_, after_);
  EXPECT_THAT(texts(), ElementsAre("1 boot-configuration-changed: the boot configuration (BCD) was created"));
}

TEST_F(Comparison, NamesFiles) {
  system().files[0].sha256 = "f2";
  system().files[0].bytes = 1'600'000;
  system().files[2].path = "EFI/BOOT/BOOTX64.EFI";
  system().files.push_back({"EFI/evil.efi", 10, "e"});
  main().files[0].sha256 = "h2";
  main().files[0].modified = "2026-12-01T00:00:00.000Z";
  EXPECT_THAT(texts(),
              ElementsAre("1 file-changed: EFI/Microsoft/Boot/bootmgfw.efi was replaced: 1.5 MB before, 1.6 MB now",
                          "1 file-added: EFI/evil.efi was added, 10 bytes",
                          "2 file-changed: Windows/System32/drivers/etc/hosts was changed"));
  after_.volumes[1].files.clear();
  EXPECT_THAT(texts(), ::testing::Contains("2 file-removed: Windows/System32/config/SOFTWARE was removed"));
}

TEST_F(Comparison, TakesTheTimeOnlyWhereThereIsNoDigest) {
  main().files[0].modified = "2026-12-01T00:00:00.000Z";
  EXPECT_THAT(texts(), IsEmpty()) << "written with the same content";
  main().files[1].modified = "2026-12-01T00:00:00.000Z";
  EXPECT_THAT(texts(), ElementsAre("2 file-changed: Windows/System32/config/SOFTWARE was changed"));
}

TEST_F(Comparison, CountsManyFiles) {
  for (int i = 0; i < 25; ++i) system().files.push_back({"f" + std::to_string(100 + i), 1, "x"});
  const auto all = texts();
  ASSERT_THAT(all, SizeIs(21));
  EXPECT_EQ(all.back(), "1 file-added: 5 more files were added");
}

TEST_F(Comparison, TakesNoFileForRemovedThatAListHasNoRoomFor) {
  system().files.pop_back();
  system().files_cut = true;
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_THAT(report().unknown, ElementsAre("/dev/sda, partition 1: there are more files than were compared"));
}

TEST_F(Comparison, NamesWhatIdentifiesTheDisk) {
  after_.id = "d-2";
  after_.regions[1].sha256 = "p2";
  after_.regions[2].sha256 = "q2";
  EXPECT_THAT(texts(), ElementsAre("0 disk-id-changed: the disk's GUID changed from d-1 to d-2: entries of the boot "
                                   "configuration that name it no longer find it"))
      << "that the table's bytes differ says nothing more";
}

TEST_F(Comparison, SeesPartitionsComeGoAndChange) {
  main().bytes = 470'000'000'000;
  main().name = "Data";
  main().id = "p-9";
  VolumeRecord added;
  added.number = 3;
  added.start = 479'000'000'000;
  added.bytes = 500'000'000;
  added.id = "p-3";
  after_.volumes.push_back(added);
  EXPECT_THAT(
      texts(),
      ElementsAre("2 partition-changed: its size changed from 479.0 GB to 470.0 GB",
                  "2 partition-changed: its name changed from none to 'Data'",
                  "2 partition-id-changed: its GUID changed from p-2 to p-9: entries of the boot configuration and "
                  "drive letters that name it no longer find it",
                  "3 partition-added: the partition was added (500.0 MB, no file system of Windows)"));
  after_ = recorded_disk();
  after_.volumes.erase(after_.volumes.begin());
  EXPECT_THAT(texts(), ElementsAre("1 partition-removed: the partition was removed (100.0 MB, FAT)"));
}

TEST_F(Comparison, SeesATableThatIsGone) {
  after_.table = "none";
  after_.id.clear();
  after_.volumes.clear();
  EXPECT_THAT(texts(), ElementsAre("0 partition-table-changed: the disk had a GPT, and has no partition table now"));
}

TEST_F(Comparison, SeesBytesThatNothingElseNames) {
  after_.regions[0] = {"mbr", 0, 512, "m2", mbr_with('x', 'b')};
  after_.regions[1].sha256 = "p2";
  after_.regions.pop_back();
  EXPECT_THAT(texts(),
              ElementsAre("0 table-bytes-changed: the boot code in the first sector was changed",
                          "0 table-bytes-changed: the first copy of the partition table was changed, but no partition",
                          "0 table-copy-lost: the second copy of the partition table is gone"));
}

TEST_F(Comparison, SeesVolumesThatWereFormattedOrEncrypted) {
  main().filesystem = "bitlocker";
  main().boot_sector = "x";
  main().files.clear();
  system().boot_sector = "fat-2";
  EXPECT_THAT(texts(), ElementsAre("1 boot-sector-changed: its boot sector was changed",
                                   "2 file-system-changed: it was NTFS, and is encrypted by BitLocker now"));
  main() = recorded_disk().volumes[1];
  main().problem = "it is broken";
  EXPECT_THAT(texts(), ::testing::Contains("2 file-system-changed: its files can't be read any more: it is broken"));
}

TEST_F(Comparison, OfADiskThatCouldNotBeRecordedIsUnknown) {
  before_.problem = "it took longer than 15 s";
  system().files.clear();
  EXPECT_THAT(texts(), IsEmpty());
  EXPECT_THAT(report().unknown,
              ElementsAre("/dev/sda: could not be recorded before the session: it took longer than 15 s"));
  SessionReport missing;
  compare({recorded_disk()}, std::vector<DiskSnapshot>{}, missing);
  EXPECT_THAT(missing.unknown, ElementsAre("/dev/sda: the disk was not there at the end of the session"));
}

TEST(SessionReport, IsBounded) {
  SessionReport report;
  for (int i = 0; i < 250; ++i) report.add({ChangeCode::file_added, "/dev/sda", 1, std::string(5000, 'x')});
  for (int i = 0; i < 250; ++i) report.add_unknown(std::to_string(i));
  EXPECT_THAT(report.changes, SizeIs(200));
  EXPECT_EQ(report.left_out, 50U);
  EXPECT_LE(report.changes[0].text.size(), 700U);
  EXPECT_THAT(report.unknown, SizeIs(40));
}

TEST(FirmwareComparison, NamesVariables) {
  const FirmwareSnapshot before{"", {{"BootOrder", "0000,0001", "1"}, {"SecureBoot", "on", "2"}, {"dbx", "9", "3"}}};
  const FirmwareSnapshot after{"", {{"BootOrder", "0001,0000", "4"}, {"dbx", "9", "3"}, {"BootNext", "0001", "5"}}};
  SessionReport report;
  compare(before, after, report);
  EXPECT_THAT(changes_of(report),
              ElementsAre("0 firmware-changed: the firmware's BootOrder changed from 0000,0001 to 0001,0000",
                          "0 firmware-changed: the firmware's SecureBoot was removed; it was on",
                          "0 firmware-changed: the firmware's BootNext was added: 0001"));
  SessionReport unknown;
  compare(FirmwareSnapshot{"it is broken", {}}, after, unknown);
  EXPECT_THAT(unknown.changes, IsEmpty());
  EXPECT_THAT(unknown.unknown, ElementsAre(HasSubstr("it is broken")));
}

TEST(SnapshotForm, IsReadBackTheSame) {
  const auto disk = recorded_disk();
  EXPECT_EQ(disk_snapshot_from(to_json(disk).dump()), disk);
  const ServerSnapshot snapshot{"web-01-1", {disk}, {"", {{"BootOrder", "0000", "1"}}}};
  EXPECT_EQ(server_snapshot_from(to_json(snapshot).dump()), snapshot);
  SessionReport report;
  report.add({ChangeCode::boot_entry_changed, "/dev/sda", 1, "x"});
  report.add_unknown("y");
  EXPECT_EQ(session_report_from(to_json(report)), report);
}

TEST(SnapshotForm, OfAHostileReaderIsRefusedOrMadePrintable) {
  EXPECT_THROW((void)disk_snapshot_from("{}"), Error);
  EXPECT_THROW((void)disk_snapshot_from("["), Error);
  auto json = to_json(recorded_disk());
  json["volumes"][0]["files"][0]["path"] = "a\x1b[2Jb";
  EXPECT_EQ(disk_snapshot_from(json.dump()).volumes[0].files[0].path, "a\\x1b[2Jb");
  json["volumes"][0]["bytes"] = -1;
  EXPECT_THROW((void)disk_snapshot_from(json.dump()), Error);
  EXPECT_THROW((void)server_snapshot_from("{\"session\": 1}"), Error);
}

}  // namespace
}  // namespace rescue::domain
