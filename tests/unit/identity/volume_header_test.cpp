// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "disk_on_file.hpp"
#include "orchestrator/identity/volume_header.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace rescue::identity {
namespace {

/// Serial number as blkid writes it: "1A2B-3C4D", "1A2B3C4D5E6F7081".
std::string plain(std::string text) {
  std::erase(text, '-');
  return lower_case(text);
}

/// Changes the serial number at all its places; returns what blkid says of it then.
std::string changed(const ImageFile& image, std::size_t places, const std::string& serial) {
  const DiskOnFile disk(image.path());
  const auto header = read_volume_header(disk.bytes(), 0, disk.bytes().size());
  EXPECT_EQ(serial_text(header.serial), plain(blkid_value(image.path(), "UUID", 0)));
  EXPECT_EQ(header.places.size(), places);
  for (const auto place : header.places) disk.apply({{place, serial}});
  EXPECT_EQ(read_volume_header(disk.bytes(), 0, disk.bytes().size()).places, header.places);
  return plain(blkid_value(image.path(), "UUID", 0));
}

TEST(VolumeHeader, HasTheSerialNumberOfFat) {
  for (const auto& [bits, mib] : {std::pair{"12", 4}, {"16", 32}, {"32", 64}}) {
    SCOPED_TRACE(bits);
    const ImageFile image(static_cast<std::uint64_t>(mib) * mebibyte);
    image.run_on_it({"mkfs.vfat", "-F", bits, "-i", "1a2b3c4d"});
    const std::size_t places = std::string(bits) == "32" ? 2 : 1;  // FAT32 has a copy of its boot sector
    EXPECT_EQ(changed(image, places, "\x04\x03\x02\x01"), "01020304");
    EXPECT_THAT(output_of({"minfo", "-i", image.path(), "::"}), ::testing::HasSubstr("serial number: 01020304"));
    EXPECT_EQ(output_of({"fsck.vfat", "-n", image.path()}).find("differences"), std::string::npos);
  }
}

TEST(VolumeHeader, HasTheSerialNumberOfNtfsAndOfItsLastSector) {
  const ImageFile image(8 * mebibyte);
  image.run_on_it({"mkntfs", "--force", "--fast", "--quiet", "--sector-size", "512", "--partition-start", "2048",
                   "--heads", "255", "--sectors-per-track", "63"});
  EXPECT_EQ(changed(image, 2, "\x08\x07\x06\x05\x04\x03\x02\x01"), "0102030405060708");
  EXPECT_THAT(output_of({"ntfsinfo", "--mft", "--force", image.path()}), ::testing::HasSubstr("Volume Version"));
  const DiskOnFile disk(image.path());
  EXPECT_EQ(disk.at(8 * mebibyte - 512, 512), disk.at(0, 512)) << "the copy of the boot sector";
}

TEST(VolumeHeader, NamesWhatHasNoSerialNumberToChange) {
  const ImageFile image(mebibyte);
  image.put(3, "-FVE-FS-");
  const auto kind = [&] { return read_volume_header(DiskOnFile(image.path()).bytes(), 0, mebibyte).kind; };
  EXPECT_EQ(kind(), "bitlocker");
  image.put(3, std::string("ReFS\0\0\0\0", 8));
  EXPECT_EQ(kind(), "refs");
  image.put(3, "something");
  EXPECT_EQ(kind(), "");
  const DiskOnFile disk(image.path());
  EXPECT_EQ(read_volume_header(disk.bytes(), 0, 100).kind, "");
  EXPECT_EQ(read_volume_header(disk.bytes(), mebibyte, mebibyte).kind, "");
}

}  // namespace
}  // namespace rescue::identity
