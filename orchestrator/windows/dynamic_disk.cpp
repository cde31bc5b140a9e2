// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/dynamic_disk.hpp"

#include "core/disk/little_endian.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"
#include "orchestrator/windows/dynamic_records.hpp"

#include <algorithm>
#include <map>

namespace rescue::windows_disk {
namespace {

using disk::big_endian_at;
using disk::DiskBytes;
using domain::DynamicDisk;
using domain::DynamicKind;
using domain::DynamicVolume;

constexpr std::uint64_t sector = 512;
constexpr std::uint64_t most_database = 8U << 20U;
constexpr std::size_t longest_name = 200;
constexpr std::size_t longest_list = 128;
constexpr std::size_t longest_copies = 32;

std::string bytes_at(const DiskBytes& disk, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  return disk.read(bytes.data(), bytes.size(), offset) ? bytes : std::string();
}

std::string text_at(std::string_view bytes, std::size_t at, std::size_t size) {
  const auto field = bytes.substr(at, size);
  return printable(field.substr(0, field.find('\0')), longest_name);
}

/// Sectors that may hold the private header: of a GPT the last one of the metadata partition, of an MBR the seventh of
/// the disk and, as copies, two at its end.
std::vector<std::uint64_t> header_places(const DiskBytes& disk, const std::vector<domain::PartitionFacts>& partitions) {
  std::vector<std::uint64_t> places;
  for (const auto& partition : partitions) {
    const bool metadata = partition.type == "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3";
    if (metadata && partition.bytes >= sector) places.push_back(partition.start + partition.bytes - sector);
  }
  places.push_back(6 * sector);
  const auto end = disk.size() / sector * sector;
  constexpr std::uint64_t from_end = 192;
  if (end >= from_end * sector) places.insert(places.end(), {end - sector, end - from_end * sector});
  return places;
}

std::string private_header(const DiskBytes& disk, const std::vector<domain::PartitionFacts>& partitions) {
  for (const auto place : header_places(disk, partitions)) {
    auto header = bytes_at(disk, place, sector);
    if (header.starts_with("PRIVHEAD")) return header;
  }
  return "";
}

/// The database (VMDB), found by a table of contents: they are in the sectors 1 and 2 of the area, and before its end.
std::string_view find_database(std::string_view area) {
  const auto sectors = area.size() / sector;
  for (const auto place : {std::size_t{2}, std::size_t{1}, sectors - 3, sectors - 2}) {
    if (place >= sectors) continue;  // also those before the begin
    const auto table = area.substr(place * sector, sector);
    if (!table.starts_with("TOCBLOCK")) continue;
    for (const std::size_t bitmap : {0x24U, 0x46U}) {
      const auto start = big_endian_at<std::uint64_t>(table, bitmap + 10);
      if (!table.substr(bitmap).starts_with(std::string_view("config\0", 7)) || start >= sectors) continue;
      const auto database = area.substr(start * sector);
      if (database.starts_with("VMDB")) return database;
    }
  }
  return {};
}

/// Gathers records that are split over several entries.
class Entries {
public:
  /// Returns false if the entry contradicts the others.
  bool add(std::string_view entry, DynamicRecords& records) {
    constexpr std::size_t header = 16;
    const auto index = big_endian_at<std::uint16_t>(entry, 12);
    const auto total = big_endian_at<std::uint16_t>(entry, 14);
    const auto data = entry.substr(header);
    if (total <= 1) return add_record(data, records);
    auto& parts = split_[big_endian_at<std::uint32_t>(entry, 8)];
    constexpr std::size_t most_parts = 64;
    if (total > most_parts || index >= total || (!parts.empty() && parts.size() != total)) return false;
    parts.resize(total);
    parts[index] = data;
    return true;
  }
  /// Returns false if one is not whole.
  bool finish(DynamicRecords& records) {
    for (const auto& [number, parts] : split_) {
      std::string whole;
      for (const auto& part : parts) {
        if (part.empty()) return false;
        whole += part;
      }
      if (!add_record(whole, records)) return false;
    }
    return true;
  }

private:
  std::map<std::uint32_t, std::vector<std::string_view>> split_;
};

bool read_records(std::string_view database, DynamicRecords& records) {
  constexpr std::size_t database_header = 193;
  constexpr std::size_t smallest_entry = 24;
  if (database.size() < database_header) return false;
  const auto size = big_endian_at<std::uint32_t>(database, 8);
  const auto first = big_endian_at<std::uint32_t>(database, 12);
  if (size < smallest_entry || size > sector * 8 || first > database.size()) return false;
  database.remove_prefix(first);
  Entries entries;
  while (database.size() >= size && database.starts_with("VBLK")) {
    if (!entries.add(database.substr(0, size), records)) return false;
    database.remove_prefix(size);
  }
  return entries.finish(records);
}

DynamicKind kind_of(const VolumeRecord& volume, ComponentKind kind, std::size_t pieces) {
  if (kind == ComponentKind::raid) return DynamicKind::raid5;
  if (kind == ComponentKind::striped) return DynamicKind::striped;
  if (volume.components > 1) return DynamicKind::mirrored;
  return pieces > 1 ? DynamicKind::spanned : DynamicKind::simple;
}

DynamicVolume described(const VolumeRecord& record, const DynamicRecords& records) {
  DynamicVolume volume;
  volume.name = record.name;
  volume.id = record.id;
  volume.bytes = record.sectors > UINT64_MAX / sector ? 0 : record.sectors * sector;
  volume.hint = record.hint;
  for (const auto& component : records.components) {
    if (component.volume != record.number || volume.copies.size() >= longest_copies) continue;
    std::vector<const PieceRecord*> pieces;
    for (const auto& piece : records.pieces) {
      if (piece.component == component.number && pieces.size() < longest_copies) pieces.push_back(&piece);
    }
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const auto* one, const auto* two) { return one->index < two->index; });
    domain::DynamicCopy copy;
    for (const auto* const piece : pieces) {
      const auto disk = std::find_if(records.disks.begin(), records.disks.end(),
                                     [&](const auto& one) { return one.number == piece->disk; });
      copy.disks.push_back(disk == records.disks.end() ? "" : disk->id);
    }
    volume.kind = kind_of(record, component.kind, copy.disks.size());
    volume.copies.push_back(std::move(copy));
  }
  return volume;
}

}  // namespace

DynamicDisk read_dynamic_disk(const DiskBytes& disk, const std::vector<domain::PartitionFacts>& partitions) {
  DynamicDisk found;
  if (disk.sector_size() != sector) {
    found.problem = "its database can't be read here, since the disk has sectors of 4096 bytes";
    return found;
  }
  const auto header = private_header(disk, partitions);
  if (header.empty()) {
    found.problem = "none of the copies of its private header can be read";
    return found;
  }
  found.id = lower_case(text_at(header, 0x30, 64));
  found.group_id = lower_case(text_at(header, 0xb0, 64));
  found.group = text_at(header, 0xf0, 32);
  const auto start = big_endian_at<std::uint64_t>(header, 0x12b);
  const auto sectors = big_endian_at<std::uint64_t>(header, 0x133);
  constexpr std::uint64_t fewest = 18;
  std::string area;
  if (sectors >= fewest && sectors <= most_database / sector && start < disk.size() / sector) {
    area = bytes_at(disk, start * sector, sectors * sector);
  }
  const auto database = find_database(area);
  DynamicRecords records;
  if (database.empty() || !read_records(database, records)) {
    found.problem = "its database is damaged";
    return found;
  }
  found.sequence = big_endian_at<std::uint64_t>(database, 117);
  for (const auto& record : records.disks) {
    if (found.disks.size() < longest_list) found.disks.push_back({record.id, record.name});
  }
  for (const auto& record : records.volumes) {
    if (found.volumes.size() < longest_list) found.volumes.push_back(described(record, records));
  }
  return found;
}

}  // namespace rescue::windows_disk
