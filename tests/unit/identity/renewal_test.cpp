// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/fat_volume.hpp"
#include "core/disk/gpt.hpp"
#include "core/disk/ntfs_volume.hpp"
#include "disk_on_file.hpp"
#include "orchestrator/identity/renewal.hpp"
#include "tests/doubles/thrown.hpp"
#include "windows_image.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>

namespace rescue::identity {
namespace {

using domain::TableKind;
using ::testing::HasSubstr;

RandomBytes repeatable() {
  return [engine = std::mt19937(42)](char* bytes, std::size_t count) mutable {
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(engine());
  };
}

const domain::DriveLetter& letter_of(const domain::DiskFacts& facts, const std::string& letter) {
  const auto& letters = facts.windows.at(0).letters;
  return *std::find_if(letters.begin(), letters.end(), [&](const auto& one) { return one.letter == letter; });
}

class Renewed : public ::testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_windows()) GTEST_SKIP() << "mkntfs, wimlib, qemu-img, sgdisk or mtools is not installed";
  }
  static std::string reason_to_keep(const std::string& path) {
    return tests::error_of([&] { (void)plan_renewal(DiskOnFile(path).bytes(), {}, repeatable()); }).what();
  }
};

TEST_F(Renewed, GptOfAWindowsIsNamedByItsBootConfigurationAndRegistry) {
  WindowsImage image;
  const auto path = image.make();
  const DiskOnFile disk(path);
  const auto old = identity_of(disk.bytes());
  EXPECT_EQ(old.id, image_disk_guid);
  const auto before = windows_disk::inspected(path);
  const auto renewal = plan_renewal(disk.bytes(), {}, repeatable());
  EXPECT_EQ(identity_of(disk.bytes()), old) << "a plan writes nothing";
  disk.apply(renewal.patches);
  const auto now = identity_of(disk.bytes());
  EXPECT_EQ(now, renewal.identity);
  EXPECT_EQ(shared_ids(old, now) + shared_serials(old, now), "");
  EXPECT_EQ(now.id.at(14), '4') << "a random one: " << now.id;
  EXPECT_THAT(output_of({"sgdisk", "--verify", path}), HasSubstr("No problems found"));
  EXPECT_THAT(output_of({"sfdisk", "--verify", path}), HasSubstr("No errors detected"));

  // rescue-inspect's reader takes both hives from their volumes, by hivex.
  const auto facts = windows_disk::inspected(path);
  EXPECT_EQ(facts.id, now.id);
  EXPECT_EQ(letter_of(facts, "C").partition_id, now.partitions.at(1).id);
  EXPECT_EQ(letter_of(facts, "E").partition_id, now.partitions.at(0).id);
  EXPECT_EQ(letter_of(facts, "F").partition_id, letter_of(before, "F").partition_id) << "another disk's";
  const auto& entry = facts.boot.at(0).entries.at(0);
  EXPECT_EQ(entry.device.partition_id, now.partitions.at(1).id);
  EXPECT_EQ(entry.device.disk_id, now.id);
  EXPECT_EQ(entry.os_device, entry.device);
  EXPECT_TRUE(facts.windows.at(0).damaged_hives.empty());
  EXPECT_FALSE(facts.boot.at(0).store_dirty);
}

TEST_F(Renewed, HivesAreChangedAcrossTheirPieces) {
  WindowsImage image;
  const auto path = image.make();
  const DiskOnFile disk(path);
  const std::string store = "EFI/Microsoft/Boot/BCD";
  const auto read = [&] { return disk::FatVolume(disk.bytes(), mebibyte, 4 * mebibyte).read(store, mebibyte).value(); };
  const auto pieces = disk::FatVolume(disk.bytes(), mebibyte, 4 * mebibyte).extents_of(store).value();
  EXPECT_GT(pieces.size(), 15U);
  const auto before = read();
  const auto raw = [](const DiskOnFile& of) { return of.at(512 + 56, 16); };
  const auto old_guid = raw(disk);
  disk.apply(plan_renewal(disk.bytes(), {}, repeatable()).patches);
  const auto after = read();
  const auto count = [](const std::string& bytes, const std::string& wanted) {
    std::size_t found = 0;
    for (auto at = bytes.find(wanted); at != std::string::npos; at = bytes.find(wanted, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count(before, old_guid), 302U);
  EXPECT_EQ(count(after, old_guid), 0U);
  EXPECT_EQ(count(after, raw(disk)), 302U);
}

TEST_F(Renewed, MbrOfAWindowsIsNamedByItsBootConfigurationAndRegistry) {
  WindowsImage image(true);
  const auto path = image.make();
  const DiskOnFile disk(path);
  EXPECT_EQ(identity_of(disk.bytes()).id, image_signature);
  disk.apply(plan_renewal(disk.bytes(), {}, repeatable()).patches);
  const auto now = identity_of(disk.bytes());
  EXPECT_NE(now.id, image_signature);
  const auto facts = windows_disk::inspected(path);
  EXPECT_EQ(facts.id, now.id);
  EXPECT_EQ(letter_of(facts, "C").disk_signature, now.id);
  EXPECT_EQ(letter_of(facts, "C").partition_start, 5 * mebibyte);
  EXPECT_EQ(letter_of(facts, "E").disk_signature, now.id);
  const disk::FatVolume volume(disk.bytes(), mebibyte, 4 * mebibyte);
  const auto store = volume.read("Boot/BCD", mebibyte).value();
  EXPECT_EQ(store.find("\x4d\x3c\x2b\x1a"), std::string::npos);
  EXPECT_NE(store.find(disk.at(440, 4)), std::string::npos);
  EXPECT_THAT(output_of({"sfdisk", "--verify", path}), HasSubstr("No errors detected"));
}

TEST_F(Renewed, ChangesNothingElse) {
  WindowsImage image;
  const auto path = image.make();
  const DiskOnFile disk(path);
  const auto before = disk.at(0, disk.bytes().size());
  const auto patches = plan_renewal(disk.bytes(), {}, repeatable()).patches;
  disk.apply(patches);
  const auto after = disk.at(0, disk.bytes().size());
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += before[i] == after[i] ? 0 : 1;
  // Three GUIDs and some checksums in each copy of the table, three places with serials, and the references.
  EXPECT_LT(changed, 2 * 80 + 20 + 302 * 32 + 2 * 16 + 100);
  const disk::NtfsVolume volume(disk.bytes(), 5 * mebibyte, 32 * mebibyte);
  EXPECT_TRUE(volume.read("/Windows/System32/drivers/vioscsi.sys", mebibyte).has_value());
}

TEST_F(Renewed, TwiceIsNewTwice) {
  WindowsImage image;
  const auto path = image.make();
  const DiskOnFile disk(path);
  std::set<std::string> seen;
  for (int i = 0; i < 3; ++i) {
    for (const auto& number : numbers_of(identity_of(disk.bytes()))) EXPECT_TRUE(seen.insert(number).second) << number;
    std::random_device device;
    disk.apply(plan_renewal(disk.bytes(), {}, [&](char* bytes, std::size_t count) {
                 for (std::size_t at = 0; at < count; ++at) bytes[at] = static_cast<char>(device());
               }).patches);
  }
  EXPECT_EQ(letter_of(windows_disk::inspected(path), "C").partition_id, identity_of(disk.bytes()).partitions.at(1).id);
}

TEST_F(Renewed, HasNoNumberThatIsTaken) {
  WindowsImage image;
  const auto path = image.make();
  const DiskOnFile disk(path);
  const auto first = plan_renewal(disk.bytes(), {}, repeatable()).identity;
  const auto second = plan_renewal(disk.bytes(), numbers_of(first), repeatable()).identity;
  EXPECT_EQ(shared_ids(first, second) + shared_serials(first, second), "") << "the random numbers were the same";
}

TEST_F(Renewed, IsNothingThatMayNotStartAfterwards) {
  WindowsImage wof;
  wof.content.wof_compressed = {"Windows/System32/config/SYSTEM"};
  EXPECT_THAT(reason_to_keep(wof.make()), HasSubstr("SYSTEM can't be changed: it is compressed"));
  WindowsImage dirty;
  dirty.content.dirty_hives = {"SYSTEM"};
  EXPECT_THAT(reason_to_keep(dirty.make()), HasSubstr("not written completely"));
  WindowsImage image;
  const auto path = image.make();
  windows_disk::patch(path, 5 * mebibyte + 3, "-FVE-FS-");
  EXPECT_THAT(reason_to_keep(path), HasSubstr("partition 2 is a volume of bitlocker"));
  windows_disk::patch(path, 5 * mebibyte + 3, "NTFS    ");
  windows_disk::patch(path, 5 * mebibyte + 0x30, std::string(8, '\xff'));  // place of the MFT
  EXPECT_THAT(reason_to_keep(path), HasSubstr("partition 2: the NTFS volume can't be read"));
}

TEST_F(Renewed, IsNoDiskWithADamagedOrAmbiguousTable) {
  WindowsImage image;
  const auto path = image.make();
  image.files.run_here({"sgdisk", "--partition-guid=1:" + image_windows_guid, path});
  EXPECT_THAT(reason_to_keep(path), HasSubstr("partition 2 is not set, or not its own"));
  image.files.run_here({"sgdisk", "--partition-guid=1:" + image_esp_guid, path});
  windows_disk::patch(path, 512 + 60, "?");
  EXPECT_THAT(reason_to_keep(path), HasSubstr("damaged"));
  const ImageFile empty(4 * mebibyte);
  EXPECT_THAT(reason_to_keep(empty.path()), HasSubstr("no partition table"));
}

}  // namespace
}  // namespace rescue::identity
