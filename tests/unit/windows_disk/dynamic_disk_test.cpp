// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Databases of dynamic disks as the "LDM Documentation" of the Linux-NTFS project describes them. Real ones are read by
// tests/integration/inspection.
#include "inspected_image.hpp"
#include "orchestrator/windows/dynamic_disk.hpp"

#include <gmock/gmock.h>

namespace rescue::windows_disk {
namespace {

using domain::DynamicCopy;
using domain::DynamicKind;
using domain::DynamicMember;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr std::uint64_t sector = 512;
constexpr std::uint64_t disk_sectors = 8192;
constexpr std::uint64_t area_sectors = 2048;
constexpr std::uint64_t area_start = disk_sectors - area_sectors;
constexpr std::size_t entry_size = 128;

template <class Number>
std::string big(Number value) {
  std::string bytes;
  for (std::size_t i = sizeof value; i-- > 0;) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}
std::string zeros(std::size_t count) { return std::string(count, '\0'); }
std::string variable(const std::string& bytes) { return static_cast<char>(bytes.size()) + bytes; }
std::string number(std::uint16_t value) { return variable(big(value)); }
std::string padded(std::string bytes, std::size_t size) {
  bytes.resize(size);
  return bytes;
}

std::string record(std::uint8_t flags, std::uint8_t kind, const std::string& fields) {
  return zeros(2) + static_cast<char>(flags) + static_cast<char>(kind) +
         big(static_cast<std::uint32_t>(fields.size())) + fields;
}
std::string volume(std::uint16_t id, const std::string& name, std::uint16_t copies, const std::string& hint) {
  return record(0x02, 0x51,
                number(id) + variable(name) + variable("gen") + variable("") + zeros(21) + number(copies) + zeros(16) +
                    number(2048) + zeros(5) + std::string(16, static_cast<char>(id)) + variable(hint));
}
std::string component(std::uint16_t id, std::uint16_t parent, char kind) {
  return record(0, 0x32,
                number(id) + variable("C") + variable("ACTIVE") + kind + zeros(4) + number(1) + zeros(16) +
                    number(parent) + zeros(1));
}
std::string piece(std::uint16_t id, std::uint16_t parent, std::uint16_t disk, std::uint16_t index) {
  return record(0x08, 0x33,
                number(id) + variable("P") + zeros(28) + number(2048) + number(parent) + number(disk) + number(index));
}
std::string disk_as_text(std::uint16_t id, const std::string& name, const std::string& guid) {
  return record(0, 0x34, number(id) + variable(name) + variable(guid));
}
std::string disk_as_bytes(std::uint16_t id, const std::string& name, char seed) {
  return record(0, 0x44, number(id) + variable(name) + std::string(16, seed));
}

/// Entries of the database; records that are longer than one are split.
std::string entries_of(const std::vector<std::string>& records) {
  std::string bytes;
  std::uint32_t number = 4;
  for (const auto& whole : records) {
    const auto part = entry_size - 16;
    const auto total = (whole.size() + part - 1) / part;
    for (std::size_t i = 0; i < total; ++i) {
      bytes += "VBLK" + big(number++) + big(std::uint32_t{77} + static_cast<std::uint32_t>(whole.size())) +
               big(static_cast<std::uint16_t>(i)) + big(static_cast<std::uint16_t>(total)) +
               padded(whole.substr(i * part, part), part);
    }
  }
  return bytes;
}

const std::string disk_1 = "06495a85-fbfd-11e1-8cf9-52540061f5db";
const std::string disk_2 = "22222222-2222-2222-2222-222222222222";

class DynamicDisk : public ::testing::Test {
protected:
  void put_header(std::uint64_t place) const {
    std::string header = padded("PRIVHEAD", 0x30) + padded(disk_1, 64) + padded("host", 64) +
                         padded("06495A84-FBFD-11E1-8CF9-52540061F5DB", 64) + padded("WIN-Dg0", 32);
    header = padded(header, 0x12b) + big(area_start) + big(area_sectors);
    image_.put(place * sector, padded(header, sector));
  }
  void put_database(const std::vector<std::string>& records) const {
    auto table =
        padded("TOCBLOCK", 0x24) + padded("config", 8) + zeros(2) + big(std::uint64_t{17}) + big(std::uint64_t{1000});
    image_.put((area_start + 2) * sector, padded(table, sector));
    auto header =
        std::string("VMDB") + big(std::uint32_t{99}) + big(std::uint32_t{entry_size}) + big(std::uint32_t{512});
    header = padded(header, 117) + big(std::uint64_t{4711});
    image_.put((area_start + 17) * sector, padded(header, sector) + entries_of(records) + zeros(entry_size));
  }
  void put_mirror() const {
    put_database({volume(1, "Volume1", 2, "E:"), component(2, 1, 2), component(3, 1, 2), piece(4, 2, 6, 0),
                  piece(5, 3, 7, 0), disk_as_text(6, "Disk1", disk_1), disk_as_bytes(7, "Disk2", '\x22')});
  }
  [[nodiscard]] domain::DynamicDisk read(unsigned sector_size = 512,
                                         const std::vector<domain::PartitionFacts>& partitions = {}) const {
    const FileDescriptor file(::open(image_.path().c_str(), O_RDONLY | O_CLOEXEC));
    return read_dynamic_disk(disk::DiskDescriptor(file.get(), sector_size), partitions);
  }
  const ImageFile image_{disk_sectors * sector};
};

TEST_F(DynamicDisk, HasTheDatabaseOfItsGroup) {
  put_header(6);
  put_mirror();
  const auto found = read();
  EXPECT_EQ(found.problem, "");
  EXPECT_EQ(found.id, disk_1);
  EXPECT_EQ(found.group_id, "06495a84-fbfd-11e1-8cf9-52540061f5db");
  EXPECT_EQ(found.group, "WIN-Dg0");
  EXPECT_EQ(found.sequence, 4711U);
  EXPECT_THAT(found.disks, ElementsAre(DynamicMember{disk_1, "Disk1"}, DynamicMember{disk_2, "Disk2"}));
  ASSERT_THAT(found.volumes, SizeIs(1));
  EXPECT_EQ(found.volumes[0].name, "Volume1");
  EXPECT_EQ(found.volumes[0].id, "01010101-0101-0101-0101-010101010101");
  EXPECT_EQ(found.volumes[0].kind, DynamicKind::mirrored);
  EXPECT_EQ(found.volumes[0].bytes, mebibyte);
  EXPECT_EQ(found.volumes[0].hint, "E:");
  EXPECT_THAT(found.volumes[0].copies, ElementsAre(DynamicCopy{{disk_1}}, DynamicCopy{{disk_2}}));
}

TEST_F(DynamicDisk, HasVolumesOfEachKind) {
  put_header(6);
  const auto kind = [&](char component_kind, bool two) {
    std::vector<std::string> records{volume(1, "V", 1, ""), component(2, 1, component_kind), piece(4, 2, 6, 1),
                                     disk_as_bytes(6, "Disk1", '\x11'), disk_as_bytes(7, "Disk2", '\x22')};
    if (two) records.push_back(piece(5, 2, 7, 0));
    put_database(records);
    const auto found = read();
    EXPECT_EQ(found.problem, "");
    if (two) {
      EXPECT_EQ(found.volumes.at(0).copies.at(0).disks.front(), disk_2) << "in the order of the volume";
    }
    return found.volumes.at(0).kind;
  };
  EXPECT_EQ(kind(2, false), DynamicKind::simple);
  EXPECT_EQ(kind(2, true), DynamicKind::spanned);
  EXPECT_EQ(kind(1, true), DynamicKind::striped);
  EXPECT_EQ(kind(3, true), DynamicKind::raid5);
}

TEST_F(DynamicDisk, HasRecordsThatAreSplit) {
  put_header(6);
  put_database({volume(1, std::string(150, 'v'), 1, "")});
  EXPECT_EQ(read().problem, "");
  EXPECT_EQ(read().volumes.at(0).name, std::string(150, 'v'));
}

TEST_F(DynamicDisk, HasCopiesOfItsHeader) {
  put_mirror();
  put_header(disk_sectors - 1);
  EXPECT_EQ(read().group, "WIN-Dg0");
  image_.put((disk_sectors - 1) * sector, zeros(sector));
  EXPECT_NE(read().problem, "");
  put_header(3000);
  domain::PartitionFacts metadata;
  metadata.type = "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3";
  metadata.start = 952 * sector;
  metadata.bytes = 2049 * sector;
  EXPECT_EQ(read(512, {metadata}).group, "WIN-Dg0") << "a GPT";
}

TEST_F(DynamicDisk, SaysWhatItCantRead) {
  EXPECT_EQ(read().problem, "none of the copies of its private header can be read");
  EXPECT_THAT(read(4096).problem, ::testing::HasSubstr("sectors of 4096 bytes"));
  put_header(6);
  EXPECT_EQ(read().problem, "its database is damaged") << "there is none";
  put_database({std::string(20, '\x51')});
  EXPECT_EQ(read().problem, "its database is damaged") << "a record that ends too early";
  put_database({record(0, 0x91, zeros(90))});
  EXPECT_EQ(read().problem, "its database is damaged") << "an unknown revision";
  put_database({volume(1, std::string(150, 'v'), 1, "")});
  image_.put((area_start + 18) * sector + entry_size, zeros(entry_size));
  EXPECT_EQ(read().problem, "its database is damaged") << "half a record";
}

TEST_F(DynamicDisk, IsFoundByItsPartition) {
  Command command;
  command.argv = {"sfdisk", "--quiet", image_.path()};
  command.input = "label: dos\nstart=63, size=6000, type=42\n";
  run_checked(command);
  put_header(6);
  put_mirror();
  ASSERT_TRUE(image_.facts().dynamic.has_value());
  EXPECT_THAT(image_.facts().dynamic->volumes, SizeIs(1));
}

}  // namespace
}  // namespace rescue::windows_disk
