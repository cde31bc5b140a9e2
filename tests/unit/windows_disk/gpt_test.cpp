// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "inspected_image.hpp"
#include "orchestrator/domain/findings.hpp"

#include <boost/crc.hpp>
#include <gtest/gtest.h>

#include <cstring>

namespace rescue::windows_disk {
namespace {

using domain::GptCopy;
using domain::TableKind;

template <class Number>
void put(std::string& bytes, std::size_t at, Number number) {
  std::memcpy(bytes.data() + at, &number, sizeof number);
}
void put(std::string& bytes, std::size_t at, const std::string& text) { bytes.replace(at, text.size(), text); }

std::uint32_t crc_of(const std::string& bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

/// Header of a GPT for 4096-byte sectors (UEFI 2.10, table 5.5). Debian 12 has no tool that makes one in a file.
std::string gpt_header(std::uint64_t own, std::uint64_t twin, std::uint64_t first_entry, const std::string& entries) {
  std::string header(92, '\0');
  put(header, 0, std::string("EFI PART"));
  put(header, 8, std::uint32_t{0x10000});
  put(header, 12, std::uint32_t{92});
  put(header, 24, own);
  put(header, 32, twin);
  put(header, 40, std::uint64_t{6});
  put(header, 48, std::max(own, twin) - 6);
  put(header, 56, std::string(16, '\x22'));
  put(header, 72, first_entry);
  put(header, 80, std::uint32_t{128});
  put(header, 84, std::uint32_t{128});
  put(header, 88, crc_of(entries));
  put(header, 16, crc_of(header));
  return header;
}

class Gpt : public ::testing::Test {
protected:
  void SetUp() override {
    image_.run_on_it({"sgdisk", "--disk-guid=0FC63DAF-8483-4772-8E79-3D69D8477DE4", "--new=1:2048:+2M",
                      "--typecode=1:ef00", "--change-name=1:EFI system partition",
                      "--partition-guid=1:11111111-2222-3333-4444-555555555555"});
  }
  const ImageFile image_{16 * mebibyte};
};

TEST_F(Gpt, IsReadWithItsIdentities) {
  const auto facts = image_.facts();
  EXPECT_EQ(facts.table, TableKind::gpt);
  EXPECT_EQ(facts.id, "0fc63daf-8483-4772-8e79-3d69d8477de4");
  EXPECT_EQ(facts.primary_gpt, GptCopy::good);
  EXPECT_EQ(facts.backup_gpt, GptCopy::good);
  EXPECT_TRUE(facts.backup_at_end);
  EXPECT_FALSE(facts.hybrid);
  ASSERT_EQ(facts.partitions.size(), 1U);
  const auto& partition = facts.partitions[0];
  EXPECT_EQ(partition.number, 1U);
  EXPECT_EQ(partition.start, mebibyte);
  EXPECT_EQ(partition.bytes, 2 * mebibyte);
  EXPECT_EQ(partition.type, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
  EXPECT_EQ(partition.id, "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(partition.name, "EFI system partition");
}

TEST_F(Gpt, IsReadFromItsBackup) {
  image_.put(512, std::string(512, '\0'));
  const auto facts = image_.facts();
  EXPECT_EQ(facts.primary_gpt, GptCopy::absent);
  EXPECT_EQ(facts.backup_gpt, GptCopy::good);
  EXPECT_EQ(facts.table, TableKind::gpt);
  EXPECT_EQ(facts.partitions.size(), 1U);
}

TEST_F(Gpt, IsDamagedIfItsChecksumIsWrong) {
  image_.put(512 + 56, "x");  // in the disk's GUID
  const auto facts = image_.facts();
  EXPECT_EQ(facts.primary_gpt, GptCopy::damaged);
  EXPECT_EQ(facts.backup_gpt, GptCopy::good);
}

TEST_F(Gpt, IsDamagedIfThatOfItsEntriesIsWrong) {
  image_.put(2 * 512 + 32, "x");  // in the first partition's start
  EXPECT_EQ(image_.facts().primary_gpt, GptCopy::damaged);
}

TEST_F(Gpt, HasADamagedBackup) {
  image_.put(16 * mebibyte - 512, std::string(512, '\0'));
  const auto facts = image_.facts();
  EXPECT_EQ(facts.primary_gpt, GptCopy::good);
  EXPECT_EQ(facts.backup_gpt, GptCopy::absent);
}

TEST_F(Gpt, IsNotAtTheEndOfADiskThatWasEnlarged) {
  std::filesystem::resize_file(image_.path(), 20 * mebibyte);
  const auto facts = image_.facts();
  EXPECT_EQ(facts.backup_gpt, GptCopy::good);
  EXPECT_FALSE(facts.backup_at_end);
}

/// Codes of the findings about the disk's table.
std::vector<std::string> codes_of(const domain::DiskFacts& facts) {
  std::vector<std::string> codes;
  for (const auto& finding : domain::findings_of({{"/dev/sda", facts}})) {
    if (finding.code != "no-windows") codes.push_back(finding.code);
  }
  return codes;
}

TEST_F(Gpt, IsLargerThanTheDisk) {
  std::filesystem::resize_file(image_.path(), 8 * mebibyte);
  EXPECT_TRUE(image_.facts().beyond_end);
  EXPECT_EQ(codes_of(image_.facts()), std::vector<std::string>{"gpt-beyond-end"});
}

TEST_F(Gpt, IsFoundInAFindingWhateverIsDamaged) {
  EXPECT_EQ(codes_of(image_.facts()), std::vector<std::string>());
  image_.put(512 + 56, "x");
  EXPECT_EQ(codes_of(image_.facts()), std::vector<std::string>{"gpt-primary-damaged"});
  image_.put(16 * mebibyte - 512 + 56, "x");
  EXPECT_EQ(codes_of(image_.facts()), std::vector<std::string>{"gpt-damaged"}) << "both copies";
}

TEST_F(Gpt, IsFoundWithoutItsMbr) {
  image_.put(0, std::string(512, '\0'));
  EXPECT_EQ(codes_of(image_.facts()), std::vector<std::string>{"mbr-lost"});
  image_.put(0, std::string(mebibyte, '\0'));
  EXPECT_EQ(codes_of(image_.facts()), std::vector<std::string>{"mbr-lost"}) << "the backup is good";
}

TEST_F(Gpt, IsNoneIfAnMbrWasWrittenOverIt) {
  Command command;
  command.argv = {"sfdisk", "--quiet", "--wipe", "never", image_.path()};
  command.input = "label: dos\nstart=2048, size=4096, type=7\n";
  run_checked(command);
  const auto facts = image_.facts();
  if (facts.table == TableKind::mbr) {
    EXPECT_EQ(codes_of(facts), std::vector<std::string>{"gpt-remnant"});
  }
}

TEST_F(Gpt, IsHybridIfTheMbrHasMore) {
  image_.run_on_it({"sgdisk", "--hybrid=1"});
  const auto facts = image_.facts();
  EXPECT_EQ(facts.table, TableKind::gpt);
  EXPECT_TRUE(facts.hybrid);
}

TEST_F(Gpt, SurvivesAnyByte) {
  // Each byte of header and first entry set to each of some values: no crash, and never "good" with a wrong checksum.
  for (std::uint64_t offset = 512; offset < 512 + 92; offset += 4) {
    for (const char* const value : {"\xff\xff\xff\xff", "\x01\x02\x03\x04"}) {
      const ImageFile copy(16 * mebibyte);
      std::filesystem::copy_file(image_.path(), copy.path(), std::filesystem::copy_options::overwrite_existing);
      copy.put(offset, value);
      EXPECT_NE(copy.facts().primary_gpt, GptCopy::good) << offset;
    }
  }
}

TEST(PartitionTable, OfAnMbrHasItsSignatureAndLogicalPartitions) {
  const ImageFile image(64 * mebibyte);
  Command command;
  command.argv = {"sfdisk", "--quiet", image.path()};
  command.input = "label: dos\nlabel-id: 0x1a2b3c4d\nstart=2048, size=20480, type=7, bootable\n"
                  "start=24576, size=65536, type=f\nstart=26624, size=20480, type=7\n";
  run_checked(command);
  const auto facts = image.facts();
  EXPECT_EQ(facts.table, TableKind::mbr);
  EXPECT_EQ(facts.id, "1a2b3c4d");
  EXPECT_EQ(facts.primary_gpt, GptCopy::absent);
  ASSERT_EQ(facts.partitions.size(), 2U) << "the extended one is a container";
  EXPECT_EQ(facts.partitions[0].type, "0x07");
  EXPECT_TRUE(facts.partitions[0].active);
  EXPECT_EQ(facts.partitions[1].number, 5U);
}

TEST(PartitionTable, CountsInSectorsOf4096Bytes) {
  constexpr std::uint64_t sector = 4096;
  constexpr std::uint64_t last = 64 * mebibyte / sector - 1;
  const ImageFile image(64 * mebibyte);
  std::string entries(128 * 128, '\0');
  put(entries, 0, std::string("\xa2\xa0\xd0\xeb\xe5\xb9\x33\x44\x87\xc0\x68\xb6\xb7\x26\x99\xc7", 16));
  put(entries, 16, std::string(16, '\x11'));
  put(entries, 32, std::uint64_t{256});
  put(entries, 40, std::uint64_t{256 + 1024 - 1});
  std::string mbr(512, '\0');
  mbr[446 + 4] = '\xee';
  put(mbr, 446 + 8, std::uint32_t{1});
  put(mbr, 446 + 12, static_cast<std::uint32_t>(last));
  put(mbr, 510, std::string("\x55\xaa"));
  image.put(0, mbr);
  image.put(2 * sector, entries);
  image.put((last - 4) * sector, entries);
  image.put(sector, gpt_header(1, last, 2, entries));
  image.put(last * sector, gpt_header(last, 1, last - 4, entries));
  const auto facts = image.facts(4096);
  EXPECT_EQ(facts.table, TableKind::gpt);
  EXPECT_EQ(facts.primary_gpt, GptCopy::good);
  EXPECT_EQ(facts.backup_gpt, GptCopy::good);
  ASSERT_EQ(facts.partitions.size(), 1U);
  EXPECT_EQ(facts.partitions[0].start, mebibyte);
  EXPECT_EQ(facts.partitions[0].bytes, 4 * mebibyte);
}

TEST(PartitionTable, IsNoneOnAnEmptyDiskAndOnATinyOne) {
  EXPECT_EQ(ImageFile(4 * mebibyte).facts().table, TableKind::none);
  EXPECT_EQ(ImageFile(1024).facts().table, TableKind::none);
  EXPECT_EQ(ImageFile(0).facts().table, TableKind::none);
}

}  // namespace
}  // namespace rescue::windows_disk
