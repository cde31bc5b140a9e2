// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/identity/raw_table.hpp"

#include "core/disk/little_endian.hpp"
#include "core/error.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace rescue::identity {
namespace {

using disk::number_at;

constexpr std::size_t guid_bytes = 16;
constexpr std::size_t boot_record = 512;
constexpr std::size_t signature_at = 440;
constexpr std::size_t first_entry_at = 446;
constexpr std::size_t mbr_entry_bytes = 16;
constexpr std::size_t most_sector_bytes = 4096;
constexpr std::size_t smallest_header = 92;
constexpr std::size_t most_entry_bytes = 1U << 20U;
constexpr std::size_t most_partitions = 128;

// Places in the header of a GPT (UEFI 2.10, table 5.5), and in an entry (table 5.6).
constexpr std::size_t header_checksum_at = 16;
constexpr std::size_t disk_guid_at = 56;
constexpr std::size_t entries_checksum_at = 88;
constexpr std::size_t partition_guid_at = 16;

std::uint32_t checksum_of(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

template <class Number>
void put(std::string& bytes, std::size_t offset, Number number) {
  std::memcpy(bytes.data() + offset, &number, sizeof number);
}

/// Checksum of a header, whose own field counts as zero.
std::uint32_t header_checksum(std::string header) {
  const auto size = number_at<std::uint32_t>(header, 12);
  put(header, header_checksum_at, std::uint32_t{0});
  return checksum_of(std::string_view(header).substr(0, size));
}

std::optional<RawGpt> read_gpt(const disk::DiskBytes& disk, std::uint64_t sector) {
  const auto sectors = disk.size() / disk.sector_size();
  if (disk.sector_size() < boot_record || disk.sector_size() > most_sector_bytes || sector >= sectors) return {};
  RawGpt gpt;
  gpt.sector = sector;
  gpt.header.resize(disk.sector_size());
  if (!disk.read(gpt.header.data(), gpt.header.size(), sector * disk.sector_size())) return {};
  const auto size = number_at<std::uint32_t>(gpt.header, 12);
  if (!gpt.header.starts_with("EFI PART") || size < smallest_header || size > gpt.header.size() ||
      header_checksum(gpt.header) != number_at<std::uint32_t>(gpt.header, header_checksum_at) ||
      number_at<std::uint64_t>(gpt.header, 24) != sector) {
    return {};
  }
  gpt.other = number_at<std::uint64_t>(gpt.header, 32);
  gpt.entries_sector = number_at<std::uint64_t>(gpt.header, 72);
  const std::uint64_t count = number_at<std::uint32_t>(gpt.header, 80);
  gpt.entry_bytes = number_at<std::uint32_t>(gpt.header, 84);
  if (gpt.entry_bytes < 128 || count == 0 || count > most_entry_bytes / gpt.entry_bytes ||
      gpt.entries_sector >= sectors) {
    return {};
  }
  gpt.entries.resize(count * gpt.entry_bytes);
  if (!disk.read(gpt.entries.data(), gpt.entries.size(), gpt.entries_sector * disk.sector_size()) ||
      checksum_of(gpt.entries) != number_at<std::uint32_t>(gpt.header, entries_checksum_at)) {
    return {};
  }
  return gpt;
}

bool is_empty(std::string_view guid) { return guid.find_first_not_of('\0') == std::string_view::npos; }

/// Places of the entries that are in use.
std::vector<std::size_t> used_entries(const RawGpt& gpt) {
  std::vector<std::size_t> used;
  for (std::size_t at = 0; at + gpt.entry_bytes <= gpt.entries.size() && used.size() < most_partitions;
       at += gpt.entry_bytes) {
    if (!is_empty(std::string_view(gpt.entries).substr(at, guid_bytes))) used.push_back(at);
  }
  return used;
}

/// Length in bytes of a range of sectors, at most up to the end of the disk.
std::uint64_t bytes_of_sectors(const disk::DiskBytes& disk, std::uint64_t first, std::uint64_t count) {
  const auto sectors = disk.size() / disk.sector_size();
  return first >= sectors ? 0 : std::min(count, sectors - first) * disk.sector_size();
}

void take_gpt(RawTable& table, const disk::DiskBytes& disk, const RawGpt& gpt) {
  table.kind = domain::TableKind::gpt;
  table.id = gpt.header.substr(disk_guid_at, guid_bytes);
  for (const auto at : used_entries(gpt)) {
    RawPartition partition;
    partition.number = static_cast<unsigned>(at / gpt.entry_bytes) + 1;
    const auto first = number_at<std::uint64_t>(gpt.entries, at + 32);
    const auto last = number_at<std::uint64_t>(gpt.entries, at + 40);
    partition.bytes = last < first ? 0 : bytes_of_sectors(disk, first, last - first + 1);
    partition.start = partition.bytes == 0 ? 0 : first * disk.sector_size();
    partition.type = gpt.entries.substr(at, guid_bytes);
    partition.id = gpt.entries.substr(at + partition_guid_at, guid_bytes);
    table.partitions.push_back(std::move(partition));
  }
}

bool is_extended(unsigned char type) { return type == 0x05 || type == 0x0f || type == 0x85; }

/// An entry of a boot record; `base`: sector that its start counts from.
RawPartition mbr_partition(const disk::DiskBytes& disk, std::string_view record, std::size_t at, std::uint64_t base) {
  RawPartition partition;
  partition.type = std::string(record.substr(at + 4, 1));
  const auto first = base + number_at<std::uint32_t>(record, at + 8);
  partition.bytes = bytes_of_sectors(disk, first, number_at<std::uint32_t>(record, at + 12));
  partition.start = partition.bytes == 0 ? 0 : first * disk.sector_size();
  return partition;
}

/// Logical partitions are numbered from 5 in the order of their records, each of which names the next one.
void take_logical(RawTable& table, const disk::DiskBytes& disk, std::uint64_t extended) {
  std::string record(boot_record, '\0');
  auto at = extended;
  for (unsigned number = 5; table.partitions.size() < most_partitions && number < 5 + most_partitions; ++number) {
    if (bytes_of_sectors(disk, at, 1) == 0 || !disk.read(record.data(), record.size(), at * disk.sector_size()) ||
        number_at<std::uint16_t>(record, boot_record - 2) != 0xaa55) {
      return;
    }
    auto partition = mbr_partition(disk, record, first_entry_at, at);
    partition.number = number;
    if (partition.type.front() != '\0' && partition.bytes != 0) table.partitions.push_back(std::move(partition));
    const auto next = first_entry_at + mbr_entry_bytes;
    const auto offset = number_at<std::uint32_t>(record, next + 8);
    if (!is_extended(static_cast<unsigned char>(record[next + 4])) || offset == 0) return;
    at = extended + offset;
  }
}

/// A volume without a table ends its first sector as an MBR does, and has the name of its file system in it.
bool is_volume(std::string_view sector) {
  for (const auto& [at, name] : {std::pair<std::size_t, std::string_view>{3, "NTFS    "},
                                 {3, "EXFAT   "},
                                 {3, "-FVE-FS-"},
                                 {54, "FAT1"},
                                 {82, "FAT32"}}) {
    if (sector.substr(at).starts_with(name)) return true;
  }
  return false;
}

void take_mbr(RawTable& table, const disk::DiskBytes& disk, const std::string& sector) {
  table.kind = domain::TableKind::mbr;
  table.id = sector.substr(signature_at, 4);
  for (unsigned i = 0; i < 4; ++i) {
    const auto at = first_entry_at + i * mbr_entry_bytes;
    auto partition = mbr_partition(disk, sector, at, 0);
    partition.number = i + 1;
    const auto type = static_cast<unsigned char>(sector[at + 4]);
    if (type == 0 || partition.bytes == 0) continue;
    if (is_extended(type)) {
      take_logical(table, disk, number_at<std::uint32_t>(sector, at + 8));
    } else {
      table.partitions.push_back(std::move(partition));
    }
  }
}

/// Header and entries of one copy with other identities, as they are written.
void add_copy(std::vector<Patch>& patches, RawGpt gpt, unsigned sector_size, const std::string& id,
              const std::vector<std::string>& partition_ids) {
  const auto used = used_entries(gpt);
  for (std::size_t i = 0; i < used.size(); ++i) {
    gpt.entries.replace(used[i] + partition_guid_at, guid_bytes, partition_ids.at(i));
  }
  gpt.header.replace(disk_guid_at, guid_bytes, id);
  put(gpt.header, entries_checksum_at, checksum_of(gpt.entries));
  put(gpt.header, header_checksum_at, header_checksum(gpt.header));
  patches.push_back({gpt.entries_sector * sector_size, std::move(gpt.entries)});
  patches.push_back({gpt.sector * sector_size, std::move(gpt.header)});
}

}  // namespace

RawTable read_raw_table(const disk::DiskBytes& disk) {
  RawTable table;
  std::string sector(boot_record, '\0');
  const auto sectors = disk.sector_size() < boot_record ? 0 : disk.size() / disk.sector_size();
  if (sectors < 4 || !disk.read(sector.data(), sector.size(), 0) ||
      number_at<std::uint16_t>(sector, boot_record - 2) != 0xaa55) {
    return table;
  }
  constexpr char protective = '\xee';
  bool others = false;
  bool protects = false;
  for (std::size_t at = first_entry_at; at < boot_record - 2; at += mbr_entry_bytes) {
    protects = protects || sector[at + 4] == protective;
    others = others || (sector[at + 4] != protective && sector[at + 4] != '\0');
  }
  if (!protects) {
    if (!is_volume(sector)) take_mbr(table, disk, sector);
    return table;
  }
  table.primary = read_gpt(disk, 1);
  table.backup = read_gpt(disk, table.primary ? table.primary->other : sectors - 1);
  table.hybrid = others;
  if (table.primary) {
    take_gpt(table, disk, *table.primary);
  } else if (table.backup) {
    take_gpt(table, disk, *table.backup);
  }
  return table;
}

std::vector<Patch> table_patches(const RawTable& table, unsigned sector_size, const std::string& id,
                                 const std::vector<std::string>& partition_ids) {
  std::vector<Patch> patches;
  if (table.kind == domain::TableKind::mbr) {
    patches.push_back({signature_at, id});
    return patches;
  }
  if (!table.primary || !table.backup || table.hybrid || table.primary->entries != table.backup->entries) {
    throw Error(ErrorCode::precondition, "its partition table (GPT) is damaged, not in two equal copies, or hybrid");
  }
  // The second copy first: whatever is interrupted leaves one that is good.
  add_copy(patches, *table.backup, sector_size, id, partition_ids);
  add_copy(patches, *table.primary, sector_size, id, partition_ids);
  return patches;
}

}  // namespace rescue::identity
