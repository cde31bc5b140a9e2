// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Bytes of a disk whose identity is read and replaced, and of a hive that names it. Checksums of a GPT are made good
// first: otherwise hardly any input is a table.
#include "core/error.hpp"
#include "expect.hpp"
#include "orchestrator/identity/raw_table.hpp"
#include "orchestrator/identity/references.hpp"
#include "orchestrator/identity/volume_header.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

namespace {

namespace identity = rescue::identity;
using rescue::fuzz::expect;

constexpr std::size_t sector = 512;

class MemoryDisk final : public rescue::disk::DiskBytes {
public:
  explicit MemoryDisk(const std::string& bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const noexcept override { return bytes_.size(); }
  [[nodiscard]] unsigned sector_size() const noexcept override { return sector; }
  [[nodiscard]] bool read(void* into, std::size_t size, std::uint64_t offset) const noexcept override {
    if (offset > bytes_.size() || size > bytes_.size() - offset) return false;
    if (size > 0) std::memcpy(into, bytes_.data() + offset, size);
    return true;
  }

private:
  const std::string& bytes_;
};

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

void put_checksum(std::string& bytes, std::size_t at, std::uint64_t from, std::uint64_t size) {
  if (from > bytes.size() || size > bytes.size() - from) return;
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data() + from, size);
  const std::uint32_t sum = crc.checksum();
  std::memcpy(bytes.data() + at, &sum, sizeof sum);
}

void make_good(std::string& bytes, std::size_t header) {
  if (header + sector > bytes.size() || bytes.compare(header, 8, "EFI PART") != 0) return;
  put_checksum(bytes, header + 88, std::uint64_t{number_at(bytes, header + 72)} * sector,
               std::uint64_t{number_at(bytes, header + 80)} * number_at(bytes, header + 84));
  std::memset(bytes.data() + header + 16, 0, 4);
  put_checksum(bytes, header + 16, header, number_at(bytes, header + 12));
}

bool overlap(const std::vector<identity::Patch>& patches) {
  for (auto one = patches.begin(); one != patches.end(); ++one) {
    if (one->offset < sector && one->bytes.size() > 4) return true;
    for (auto other = std::next(one); other != patches.end(); ++other) {
      if (one->offset < other->offset + other->bytes.size() && other->offset < one->offset + one->bytes.size()) {
        return true;
      }
    }
  }
  return false;
}

void replace_identity(const MemoryDisk& disk) {
  const auto table = identity::read_raw_table(disk);
  for (const auto& partition : table.partitions) {
    const auto volume = identity::read_volume_header(disk, partition.start, partition.bytes);
    for (const auto place : volume.places) {
      expect(place + volume.serial.size() <= disk.size(), "a serial number is on the disk");
    }
  }
  if (table.kind == rescue::domain::TableKind::none) return;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < table.partitions.size(); ++i) {
    ids.emplace_back(table.partitions[i].id.size(), static_cast<char>('A' + i % 16));
  }
  const std::string id(table.id.size(), 'x');
  try {
    const auto patches = identity::table_patches(table, sector, id, ids);
    if (overlap(patches)) return;
    const auto after = identity::read_raw_table(identity::PatchedDisk(disk, patches));
    expect(after.kind == table.kind && after.id == id, "the table is still one, and has its new identity");
    expect(after.partitions.size() == ids.size(), "all partitions are there");
    for (std::size_t i = 0; i < ids.size(); ++i) {
      expect(after.partitions[i].id == ids[i] && after.partitions[i].start == table.partitions[i].start,
             "each partition has its new identity, and its place");
    }
  } catch (const rescue::Error&) {
  }
}

void replace_references(const std::string& content) {
  std::string hive(4096, '\0');
  hive.replace(0, 4, "regf");
  hive += content;
  for (const auto table : {rescue::domain::TableKind::gpt, rescue::domain::TableKind::mbr}) {
    const std::size_t length = table == rescue::domain::TableKind::gpt ? 16 : 4;
    const std::string old_id(content, 0, length);
    if (old_id.size() < length) return;
    const identity::IdentityChange change{table, old_id, std::string(length, 'x'), {{1U << 20U, old_id, old_id}}};
    for (const auto& patch : identity::reference_patches(hive, change)) {
      expect(patch.offset >= 4096 && patch.offset + patch.bytes.size() <= hive.size(),
             "a change is inside of the hive");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  make_good(bytes, sector);
  if (size >= 2 * sector) make_good(bytes, size / sector * sector - sector);
  const MemoryDisk disk(bytes);
  (void)identity::read_volume_header(disk, 0, disk.size());
  replace_identity(disk);
  replace_references(bytes);
  return 0;
}
