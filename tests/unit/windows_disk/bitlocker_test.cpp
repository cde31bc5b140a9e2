// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Volumes as libbde's "BitLocker Drive Encryption (BDE) format specification" describes them. Real volumes are read by
// tests/integration/inspection.
#include "core/utf8.hpp"
#include "inspected_image.hpp"
#include "orchestrator/windows/bitlocker.hpp"

#include <boost/crc.hpp>
#include <gmock/gmock.h>

namespace rescue::windows_disk {
namespace {

using domain::BitLockerKey;
using domain::BitLockerProtector;
using domain::BitLockerState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t volume_bytes = 4 * mebibyte;
constexpr std::uint64_t first_block = mebibyte;

template <class Number>
std::string number(Number value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string entry(std::uint16_t type, std::uint16_t value, const std::string& data) {
  return number(static_cast<std::uint16_t>(8 + data.size())) + number(type) + number(value) + number(std::uint16_t{1}) +
         data;
}

std::string guid_bytes(char seed) { return std::string(16, seed); }

std::string master_key(char seed, std::uint16_t protection) {
  return entry(2, 8, guid_bytes(seed) + std::string(10, '\0') + number(protection) + entry(0, 5, std::string(44, 'k')));
}

struct Parts {
  std::uint16_t version = 2;
  std::uint16_t state = 4;
  std::uint16_t next_state = 4;
  std::uint16_t method = 0x8004;
  std::string entries = entry(7, 2, utf16_of("WEB-01 C: 11/30/2026") + std::string(2, '\0')) +
                        master_key('\x11', 0x100) + master_key('\xab', 0x800);
};

std::string block_of(const Parts& parts) {
  const auto metadata = static_cast<std::uint32_t>(48 + parts.entries.size());
  auto block = std::string("-FVE-FS-") + number(std::uint16_t{0}) + number(parts.version) + number(parts.state) +
               number(parts.next_state) + std::string(48, '\0');
  block += number(metadata) + number(std::uint32_t{1}) + number(std::uint32_t{48}) + number(metadata) +
           guid_bytes('\x22') + number(std::uint32_t{0}) + number(parts.method) + number(std::uint16_t{0}) +
           number(std::uint64_t{133'000'000'000'000'000});
  block += parts.entries;
  block.resize((block.size() + 15) / 16 * 16);
  const auto size = static_cast<std::uint16_t>(parts.version == 1 ? block.size() : block.size() / 16);
  block.replace(8, 2, number(size));
  boost::crc_32_type crc;
  crc.process_bytes(block.data(), block.size());
  return block + number(std::uint16_t{64}) + number(std::uint16_t{2}) + number(crc.checksum());
}

class BitLocker : public ::testing::Test {
protected:
  void put_header(const char* name = "-FVE-FS-", std::size_t at = 160) const {
    std::string header(512, '\0');
    header.replace(0, 3, "\xeb\x58\x90");
    header.replace(3, 8, name);
    header.replace(at + 16, 24, number(first_block) + number(2 * first_block) + number(3 * first_block));
    image_.put(0, header);
  }
  void put_blocks(const Parts& parts) const {
    for (const auto i : {1U, 2U, 3U}) image_.put(i * first_block, block_of(parts));
  }
  [[nodiscard]] domain::BitLockerVolume volume() const {
    const FileDescriptor file(::open(image_.path().c_str(), O_RDONLY | O_CLOEXEC));
    return read_bitlocker(disk::DiskDescriptor(file.get()), 0, volume_bytes);
  }
  const ImageFile image_{volume_bytes};
};

TEST_F(BitLocker, NamesItsKeys) {
  put_header();
  put_blocks({});
  const auto found = volume();
  EXPECT_EQ(found.problem, "");
  EXPECT_EQ(found.id, "22222222-2222-2222-2222-222222222222");
  EXPECT_EQ(found.method, "aes-xts-128");
  EXPECT_EQ(found.description, "WEB-01 C: 11/30/2026");
  EXPECT_EQ(found.state, BitLockerState::encrypted);
  EXPECT_FALSE(found.to_go);
  ASSERT_TRUE(found.created.has_value());
  EXPECT_EQ(found.created->time_since_epoch(), std::chrono::seconds(1'655'526'400));
  EXPECT_THAT(found.protectors,
              ElementsAre(BitLockerProtector{BitLockerKey::tpm, "11111111-1111-1111-1111-111111111111"},
                          BitLockerProtector{BitLockerKey::recovery_password, "ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB"}));
}

TEST_F(BitLocker, KnowsEachKindOfKey) {
  put_header();
  Parts parts;
  parts.entries.clear();
  for (const std::uint16_t protection :
       std::initializer_list<std::uint16_t>{0, 0x100, 0x200, 0x500, 0x800, 0x1000, 0x2000, 0x700}) {
    parts.entries += master_key('\x11', protection);
  }
  put_blocks(parts);
  std::vector<BitLockerKey> kinds;
  for (const auto& protector : volume().protectors) kinds.push_back(protector.kind);
  EXPECT_THAT(kinds, ElementsAre(BitLockerKey::clear, BitLockerKey::tpm, BitLockerKey::startup_key,
                                 BitLockerKey::tpm_pin, BitLockerKey::recovery_password, BitLockerKey::smart_card,
                                 BitLockerKey::password, BitLockerKey::unknown));
}

TEST_F(BitLocker, KnowsStates) {
  put_header();
  const auto state = [&](std::uint16_t current, std::uint16_t next) {
    Parts parts;
    parts.state = current;
    parts.next_state = next;
    put_blocks(parts);
    return volume().state;
  };
  EXPECT_EQ(state(2, 4), BitLockerState::encrypting);
  EXPECT_EQ(state(2, 1), BitLockerState::decrypting);
  EXPECT_EQ(state(5, 4), BitLockerState::paused);
  EXPECT_EQ(state(1, 1), BitLockerState::decrypted);
  EXPECT_EQ(state(9, 9), BitLockerState::unknown);
}

TEST_F(BitLocker, ReadsRemovableVolumes) {
  put_header("MSWIN4.1", 424);
  put_blocks({});
  EXPECT_TRUE(volume().to_go);
  EXPECT_EQ(volume().protectors.size(), 2U);
}

TEST_F(BitLocker, ReadsVolumesOfWindowsVista) {
  std::string header(512, '\0');
  header.replace(0, 11, "\xeb\x52\x90-FVE-FS-");
  header.replace(11, 3, std::string("\x00\x02\x08", 3));
  header.replace(56, 8, number(first_block / 4096));
  image_.put(0, header);
  Parts parts;
  parts.version = 1;
  parts.method = 0x8000;
  image_.put(first_block, block_of(parts));
  EXPECT_EQ(volume().problem, "");
  EXPECT_EQ(volume().method, "aes-cbc-128-elephant");
}

TEST_F(BitLocker, PrefersABlockWithARightChecksum) {
  put_header();
  put_blocks({});
  Parts other;
  other.method = 0x8005;
  auto wrong = block_of(other);
  wrong.back() = static_cast<char>(wrong.back() + 1);
  image_.put(first_block, wrong);
  EXPECT_EQ(volume().method, "aes-xts-128") << "of the second block";
  image_.put(2 * first_block, std::string(512, '\0'));
  image_.put(3 * first_block, std::string(512, '\0'));
  EXPECT_EQ(volume().method, "aes-xts-256") << "better than none";
}

TEST_F(BitLocker, SaysWhatItCantRead) {
  EXPECT_NE(volume().problem, "") << "zeros";
  put_header();
  EXPECT_NE(volume().problem, "") << "no blocks";
  Parts damaged;
  damaged.entries = entry(2, 8, "short") + master_key('\x11', 0x100) + number(std::uint16_t{60'000}) + "tail...";
  put_blocks(damaged);
  EXPECT_EQ(volume().problem, "its list of keys is damaged");
  EXPECT_EQ(volume().protectors.size(), 1U);
  Parts empty;
  empty.entries.clear();
  put_blocks(empty);
  EXPECT_EQ(volume().problem, "");
  EXPECT_THAT(volume().protectors, IsEmpty());
}

TEST_F(BitLocker, IsFoundOnADiskWithoutATable) {
  put_header();
  image_.put(160, std::string("\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01", 16));
  image_.put(446, std::string(64, 'x') + "\x55\xaa");  // as real ones: no partitions
  put_blocks({});
  const auto facts = image_.facts();
  EXPECT_EQ(facts.table, domain::TableKind::none);
  ASSERT_EQ(facts.partitions.size(), 1U);
  ASSERT_TRUE(facts.partitions[0].bitlocker.has_value());
  EXPECT_EQ(facts.partitions[0].bitlocker->protectors.size(), 2U);
}

}  // namespace
}  // namespace rescue::windows_disk
