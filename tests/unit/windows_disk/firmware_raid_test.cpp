// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Metadata of Intel's firmware RAID, by the structures in mdadm's super-intel.c.
#include "inspected_image.hpp"
#include "orchestrator/windows/firmware_raid.hpp"

#include <gmock/gmock.h>

namespace rescue::windows_disk {
namespace {

using domain::RaidState;
using ::testing::ElementsAre;

void put_word(std::string& bytes, std::size_t at, std::uint32_t value) { std::memcpy(bytes.data() + at, &value, 4); }

/// Two members, a mirror 'Volume0': `mdadm --examine` reads it.
std::string mirror_metadata() {
  std::string bytes(0xd8 + 2 * 48 + 164 + 4, '\0');
  bytes.replace(0, 30, "Intel Raid ISM Cfg Sig. 1.1.00");
  put_word(bytes, 0x24, static_cast<std::uint32_t>(bytes.size()));
  put_word(bytes, 0x28, 0x1a2b3c4d);
  put_word(bytes, 0x2c, 7);
  bytes[0x38] = 2;
  bytes[0x39] = 1;
  bytes.replace(0xd8, 9, "SERIAL-01");
  bytes.replace(0xd8 + 48, 9, "SERIAL-02");
  const std::size_t volume = 0xd8 + 96;
  bytes.replace(volume, 7, "Volume0");
  put_word(bytes, volume + 16, 4096);
  put_word(bytes, volume + 112 + 4, 4096);  // sectors of each member
  put_word(bytes, volume + 112 + 8, 16);    // stripes
  bytes[volume + 112 + 12] = '\x80';        // sectors of a strip
  bytes[volume + 112 + 14] = 2;
  bytes[volume + 112 + 15] = 1;
  bytes[volume + 112 + 16] = 2;
  bytes[volume + 112 + 17] = 1;
  put_word(bytes, volume + 112 + 52, 1);  // the second place is the second member's
  return bytes;
}

void put_checksum(std::string& bytes) {
  put_word(bytes, 0x20, 0);
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + at, 4);
    sum += word;
  }
  put_word(bytes, 0x20, sum);
}

class FirmwareRaid : public ::testing::Test {
protected:
  void put(std::string bytes) const {
    put_checksum(bytes);
    image_.put(mebibyte - 1024, bytes.substr(0, 512));
    if (bytes.size() > 512) image_.put(mebibyte - 1536, bytes.substr(512));
  }
  [[nodiscard]] std::optional<domain::FirmwareRaid> read(unsigned sector_size = 512) const {
    const FileDescriptor file(::open(image_.path().c_str(), O_RDONLY | O_CLOEXEC));
    return read_firmware_raid(disk::DiskDescriptor(file.get(), sector_size));
  }
  const ImageFile image_{mebibyte};
};

TEST_F(FirmwareRaid, HasItsMembersAndVolumes) {
  EXPECT_FALSE(read().has_value());
  put(mirror_metadata());
  const auto raid = read();
  ASSERT_TRUE(raid.has_value());
  EXPECT_EQ(raid->problem, "");
  EXPECT_EQ(raid->id, "1a2b3c4d");
  EXPECT_EQ(raid->generation, 7U);
  EXPECT_THAT(raid->members, ElementsAre("SERIAL-01", "SERIAL-02"));
  EXPECT_THAT(raid->volumes, ElementsAre(domain::RaidVolume{"Volume0", 1, 2 * mebibyte, RaidState::degraded}));
}

TEST_F(FirmwareRaid, ReachesOverSectors) {
  auto bytes = mirror_metadata();
  bytes[0x38] = 1;  // the second member is part of a longer volume
  bytes.erase(0xd8 + 48, 48);
  bytes.resize(600);
  put_word(bytes, 0x24, 600);
  bytes[0x39] = 2;
  bytes.replace(0xd8 + 48 + 168, 7, "Volume1");
  bytes[0xd8 + 48 + 168 + 112 + 16] = 1;
  put(bytes);
  ASSERT_TRUE(read().has_value());
  EXPECT_EQ(read()->problem, "");
  ASSERT_EQ(read()->volumes.size(), 2U);
  EXPECT_EQ(read()->volumes[1].name, "Volume1");
}

TEST_F(FirmwareRaid, CountsInSectorsOfTheDisk) {
  auto bytes = mirror_metadata();
  bytes[0xd8 + 96 + 112 + 14] = 0;
  put_checksum(bytes);
  image_.put(mebibyte - 2 * 4096, bytes);
  ASSERT_TRUE(read(4096).has_value());
  EXPECT_THAT(read(4096)->volumes, ElementsAre(domain::RaidVolume{"Volume0", 1, 16 * mebibyte, RaidState::normal}));
}

TEST_F(FirmwareRaid, IsDegradedUntilItIsRebuilt) {
  auto bytes = mirror_metadata();
  const std::size_t first = 0xd8 + 96 + 112;
  const auto map = bytes.substr(first);
  bytes[first + 14] = 0;  // what it becomes
  bytes[0xd8 + 96 + 88] = 1;
  bytes += map;
  put_word(bytes, 0x24, static_cast<std::uint32_t>(bytes.size()));
  put(bytes);
  ASSERT_TRUE(read().has_value());
  EXPECT_EQ(read()->problem, "");
  EXPECT_THAT(read()->volumes, ElementsAre(domain::RaidVolume{"Volume0", 1, 2 * mebibyte, RaidState::degraded}));
}

TEST_F(FirmwareRaid, SaysThatItIsDamaged) {
  put(mirror_metadata());
  image_.put(mebibyte - 1024 + 0x2c, "x");
  EXPECT_EQ(read()->problem, "its metadata is damaged");
  auto bytes = mirror_metadata();
  bytes[0x39] = 2;
  put(bytes);
  EXPECT_EQ(read()->problem, "its list of volumes is damaged");
  bytes[0x38] = 100;
  put(bytes);
  EXPECT_EQ(read()->problem, "its metadata is damaged");
}

}  // namespace
}  // namespace rescue::windows_disk
