// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "inspected_image.hpp"

#include <gtest/gtest.h>

namespace rescue::windows_disk {
namespace {

using domain::Content;

/// A disk with one partition of 12 MiB.
class OnePartition : public ::testing::Test {
protected:
  void make(const std::string& type = "0700") const {
    image_.run_on_it({"sgdisk", "--new=1:2048:+12M", "--typecode=1:" + type});
  }
  [[nodiscard]] domain::PartitionFacts partition() const {
    const auto facts = image_.facts();
    return facts.partitions.empty() ? domain::PartitionFacts{} : facts.partitions.at(0);
  }
  const ImageFile image_{16 * mebibyte};
};

TEST_F(OnePartition, HoldsNothing) {
  make();
  EXPECT_EQ(partition().content, Content::unknown);
  EXPECT_FALSE(partition().ntfs.has_value());
}

TEST_F(OnePartition, HoldsFat) {
  make("ef00");
  Command command;
  command.argv = {"mformat", "-i", image_.path() + "@@1M", "-v", "SYSTEM", "-T", "24576", "-h", "16", "-s", "32", "::"};
  run_checked(command);
  EXPECT_EQ(partition().content, Content::fat);
  EXPECT_EQ(partition().label, "SYSTEM");
}

TEST_F(OnePartition, HoldsABitLockerVolume) {
  // "-FVE-FS-" at 3, the volume's GUID at 160 (libbde's documentation of the format, "Volume header").
  make();
  std::string header(512, '\0');
  header.replace(0, 3, "\xeb\x58\x90");
  header.replace(3, 8, "-FVE-FS-");
  header.replace(160, 16, "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01");
  header.replace(510, 2, "\x55\xaa");
  image_.put(mebibyte, header);
  EXPECT_EQ(partition().content, Content::bitlocker);
}

TEST_F(OnePartition, HoldsReFsOfAVersion) {
  // Volume header of libfsrefs' documentation; the version is at 0x28.
  make();
  std::string header(512, '\0');
  header.replace(3, 4, "ReFS");
  header.replace(16, 4, "FSRS");
  header[40] = 3;
  header[41] = 7;
  image_.put(mebibyte, header);
  EXPECT_EQ(partition().content, Content::refs);
  EXPECT_EQ(partition().content_name, "3.7");
}

TEST_F(OnePartition, BelongsToADynamicDiskOrAPoolByItsType) {
  make("af9b60a0-1431-4f62-bc68-3311714a69ad");
  EXPECT_EQ(partition().content, Content::ldm);
}

TEST_F(OnePartition, BelongsToAPoolOfStorageSpacesByItsType) {
  make("e75caf8f-f680-4cee-afa3-b001e56efc2d");
  EXPECT_EQ(partition().content, Content::storage_spaces);
}

TEST_F(OnePartition, SaysWhyAnNtfsVolumeCantBeRead) {
  make();
  const auto volume = image_.path() + ".volume";
  std::ofstream(volume, std::ios::binary).close();
  std::filesystem::resize_file(volume, 12 * mebibyte);
  Command command;
  command.argv = {"mkntfs", "--force", "--fast", "--quiet", "--label", "Data", volume};
  run_checked(command);
  std::ifstream in(volume, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  image_.put(mebibyte, bytes);
  auto facts = partition();
  ASSERT_TRUE(facts.ntfs.has_value());
  EXPECT_EQ(facts.ntfs->problem, "");
  EXPECT_FALSE(facts.ntfs->dirty);
  EXPECT_EQ(facts.label, "Data");
  // All but the boot sector is gone.
  image_.put(mebibyte + 512, std::string(11 * mebibyte, '\0'));
  facts = partition();
  ASSERT_TRUE(facts.ntfs.has_value());
  EXPECT_NE(facts.ntfs->problem, "");
}

TEST(Partition, MayReachBeyondTheDisk) {
  const ImageFile image(16 * mebibyte);
  Command command;
  command.argv = {"sfdisk", "--quiet", image.path()};
  command.input = "label: dos\nstart=2048, size=24576, type=7\nstart=28672, size=2048, type=7\n";
  run_checked(command);
  std::filesystem::resize_file(image.path(), 4 * mebibyte);
  const auto facts = image.facts();
  ASSERT_EQ(facts.partitions.size(), 2U);
  EXPECT_EQ(facts.partitions[0].bytes, 3 * mebibyte) << "as far as there is a disk";
  EXPECT_EQ(facts.partitions[1].bytes, 0U);
}

TEST(WholeDisk, MayHoldAVolumeWithoutATable) {
  const ImageFile image(12 * mebibyte);
  image.run_on_it({"mkntfs", "--force", "--fast", "--quiet"});
  const auto facts = image.facts();
  EXPECT_EQ(facts.table, domain::TableKind::none);
  EXPECT_EQ(facts.content, Content::ntfs);
  ASSERT_EQ(facts.partitions.size(), 1U);
  EXPECT_EQ(facts.partitions[0].number, 0U);
  EXPECT_TRUE(facts.partitions[0].ntfs.has_value());
}

}  // namespace
}  // namespace rescue::windows_disk
