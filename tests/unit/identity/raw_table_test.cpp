// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/gpt.hpp"
#include "core/disk/partitions.hpp"
#include "disk_on_file.hpp"
#include "orchestrator/identity/raw_table.hpp"
#include "orchestrator/identity/renewal.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

namespace rescue::identity {
namespace {

using domain::TableKind;
using ::testing::HasSubstr;

const std::string disk_guid(16, '\x31');
const std::vector<std::string> guids{std::string(16, '\x41'), std::string(16, '\x42')};

void make_gpt(const ImageFile& image) {
  image.run_on_it({"sgdisk", "--clear", "--disk-guid=11111111-2222-4333-8444-555555555555", "--new=1:2048:+2M",
                   "--typecode=1:ef00", "--new=3:8192:+4M", "--typecode=3:0700",
                   "--partition-guid=3:aaaaaaaa-2222-4333-8444-555555555555"});
}

TEST(RawTable, IsReadAsLibfdiskReadsIt) {
  const ImageFile image(16 * mebibyte);
  make_gpt(image);
  const DiskOnFile disk(image.path());
  const auto identity = identity_of(disk.bytes());
  const auto expected = disk::read_partitions(disk.bytes());
  EXPECT_EQ(identity.table, TableKind::gpt);
  EXPECT_EQ(identity.id, "11111111-2222-4333-8444-555555555555");
  ASSERT_EQ(identity.partitions.size(), 2U);
  EXPECT_EQ(identity.partitions[1].number, 3U);
  EXPECT_EQ(identity.partitions[1].id, "aaaaaaaa-2222-4333-8444-555555555555");
  const auto table = read_raw_table(disk.bytes());
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(table.partitions[i].start, expected.partitions[i].start);
    EXPECT_EQ(table.partitions[i].bytes, expected.partitions[i].bytes);
    EXPECT_EQ(identity.partitions[i].id, expected.partitions[i].id);
  }
}

TEST(RawTable, HasGoodChecksumsInBothCopiesAfterItsGuidsChanged) {
  for (const unsigned sector_size : {512U, 4096U}) {
    SCOPED_TRACE(sector_size);
    const ImageFile image(64 * mebibyte);
    if (sector_size == 512) {
      make_gpt(image);
    } else {
      Command command;
      command.argv = {"sfdisk", "--quiet", "--sector-size=4096", image.path()};
      command.input = "label: gpt\nstart=1MiB, size=2MiB\nstart=4MiB, size=4MiB\n";
      if (run(command).status != 0) continue;  // sfdisk of Debian 12 has no such option
    }
    const DiskOnFile disk(image.path(), sector_size);
    const auto before = disk::read_partitions(disk.bytes());
    disk.apply(table_patches(read_raw_table(disk.bytes()), sector_size, disk_guid, guids));
    const auto check = disk::check_gpt(disk.bytes());
    EXPECT_EQ(check.primary, disk::GptState::good);
    EXPECT_EQ(check.backup, disk::GptState::good);
    const auto after = disk::read_partitions(disk.bytes());
    EXPECT_EQ(after.id, "31313131-3131-3131-3131-313131313131");
    ASSERT_EQ(after.partitions.size(), 2U);
    EXPECT_EQ(after.partitions[0].id, "41414141-4141-4141-4141-414141414141");
    EXPECT_EQ(after.partitions[1].id, "42424242-4242-4242-4242-424242424242");
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(after.partitions[i].start, before.partitions[i].start);
      EXPECT_EQ(after.partitions[i].type, before.partitions[i].type);
    }
    if (sector_size != 512) continue;
    EXPECT_THAT(output_of({"sgdisk", "--verify", image.path()}), HasSubstr("No problems found"));
    EXPECT_THAT(output_of({"sfdisk", "--verify", image.path()}), HasSubstr("No errors detected"));
  }
}

TEST(RawTable, OfAnMbrGetsASignatureAndNothingElse) {
  const ImageFile image(32 * mebibyte);
  Command command;
  command.argv = {"sfdisk", "--quiet", image.path()};
  command.input = "label: dos\nlabel-id: 0x1a2b3c4d\nstart=2048, size=4096, type=7, bootable\n"
                  "start=8192, size=40960, type=5\nstart=10240, size=4096, type=7\nstart=20480, size=4096, type=7\n";
  run_checked(command);
  const DiskOnFile disk(image.path());
  const auto table = read_raw_table(disk.bytes());
  EXPECT_EQ(identity_of(disk.bytes()).id, "1a2b3c4d");
  ASSERT_EQ(table.partitions.size(), 3U) << "without the container of the logical ones";
  EXPECT_EQ(table.partitions[1].number, 5U);
  EXPECT_EQ(table.partitions[1].start, 10240U * 512);
  EXPECT_EQ(table.partitions[2].start, 20480U * 512);
  const auto before = disk.at(0, mebibyte);
  disk.apply(table_patches(table, 512, std::string("\x01\x02\x03\x04"), {"", "", ""}));
  auto after = disk.at(0, mebibyte);
  EXPECT_EQ(identity_of(disk.bytes()).id, "04030201");
  EXPECT_THAT(output_of({"sfdisk", "--disk-id", image.path()}), HasSubstr("0x04030201"));
  after.replace(440, 4, before.substr(440, 4));
  EXPECT_EQ(after, before);
}

TEST(RawTable, IsReadFromItsSecondCopyAndNotRewritten) {
  const ImageFile image(16 * mebibyte);
  make_gpt(image);
  image.put(512 + 60, "?");
  const DiskOnFile disk(image.path());
  EXPECT_EQ(identity_of(disk.bytes()).id, "11111111-2222-4333-8444-555555555555");
  const auto refused =
      tests::error_of([&] { (void)table_patches(read_raw_table(disk.bytes()), 512, disk_guid, guids); });
  EXPECT_EQ(refused.code(), ErrorCode::precondition);
  EXPECT_THAT(refused.what(), HasSubstr("damaged"));
}

TEST(RawTable, IsNoneOfAVolumeOrAnEmptyDisk) {
  const ImageFile empty(4 * mebibyte);
  EXPECT_EQ(identity_of(DiskOnFile(empty.path()).bytes()), domain::DiskIdentity{});
  const ImageFile volume(4 * mebibyte);
  volume.run_on_it({"mformat", "-T", "8192", "-h", "16", "-s", "32", "-N", "1a2b3c4d", "::", "-i"});
  const domain::DiskIdentity expected{TableKind::none, "", {{0, "", "1a2b3c4d"}}};
  EXPECT_EQ(identity_of(DiskOnFile(volume.path()).bytes()), expected);
  const ImageFile tiny(600);
  EXPECT_EQ(identity_of(DiskOnFile(tiny.path()).bytes()), domain::DiskIdentity{});
}

}  // namespace
}  // namespace rescue::identity
