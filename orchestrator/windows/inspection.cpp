// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/inspection.hpp"

#include "core/disk/fat_volume.hpp"
#include "core/disk/gpt.hpp"
#include "core/disk/ntfs_volume.hpp"
#include "core/disk/partitions.hpp"
#include "core/error.hpp"
#include "core/printable.hpp"
#include "orchestrator/windows/bitlocker.hpp"
#include "orchestrator/windows/boot_files.hpp"
#include "orchestrator/windows/contents.hpp"
#include "orchestrator/windows/dynamic_disk.hpp"
#include "orchestrator/windows/firmware_raid.hpp"
#include "orchestrator/windows/installation.hpp"

#include <algorithm>

namespace rescue::windows_disk {
namespace {

using domain::Content;
using domain::DiskFacts;
using domain::GptCopy;
using domain::PartitionFacts;

constexpr std::size_t longest_text = 200;
constexpr std::size_t most_windows = 16;  // on one disk
constexpr std::size_t most_boot_files = 8;

GptCopy copy_of(disk::GptState state) {
  switch (state) {
  case disk::GptState::good:
    return GptCopy::good;
  case disk::GptState::damaged:
    return GptCopy::damaged;
  case disk::GptState::absent:
    break;
  }
  return GptCopy::absent;
}

void read_volume(const disk::DiskBytes& bytes, const std::string& scratch, PartitionFacts& partition,
                 DiskFacts& facts) {
  partition.ntfs = domain::NtfsState{};
  try {
    const disk::NtfsVolume volume(bytes, partition.start, partition.bytes);
    partition.ntfs->dirty = volume.dirty();
    partition.ntfs->journal_unclean = volume.journal_is_unclean();
    partition.ntfs->hibernated = volume.hibernated();
    for (auto& windows : installations_on(volume, partition.number, scratch)) {
      if (facts.windows.size() < most_windows) facts.windows.push_back(std::move(windows));
    }
    if (partition.active) {
      const auto read = [&](const std::string& path, std::uint64_t most) { return volume.read("/" + path, most); };
      facts.boot.push_back(boot_files(partition.number, false, read, scratch));
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;  // no fault of the volume
    partition.ntfs->problem = printable(error.what(), longest_text);
  }
}

/// An EFI system partition, by its type.
bool is_system(const PartitionFacts& partition) {
  return partition.type == "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" || partition.type == "0xef";
}

void read_system(const disk::DiskBytes& bytes, const std::string& scratch, const PartitionFacts& partition,
                 DiskFacts& facts) {
  try {
    const disk::FatVolume volume(bytes, partition.start, partition.bytes);
    const auto read = [&](const std::string& path, std::uint64_t most) { return volume.read(path, most); };
    facts.boot.push_back(boot_files(partition.number, true, read, scratch));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    domain::BootFiles unreadable;
    unreadable.partition = partition.number;
    unreadable.problem = printable(error.what(), longest_text);
    facts.boot.push_back(std::move(unreadable));
  }
}

/// A partition of a table; or, as number 0, a disk that holds a file system without a table.
PartitionFacts partition_of(int disk, const disk::DiskBytes& bytes, const disk::Partition& entry) {
  PartitionFacts facts;
  facts.number = entry.number;
  facts.start = entry.start;
  // A table may say more than there is.
  facts.bytes = entry.start >= bytes.size() ? 0 : std::min(entry.bytes, bytes.size() - entry.start);
  facts.type = entry.type;
  facts.id = entry.id;
  facts.name = printable(entry.name, longest_text);
  facts.active = entry.active;
  const auto found = contents_of(disk, facts.start, facts.bytes, bytes.sector_size());
  facts.content = found.content;
  facts.content_name = found.name;
  facts.label = found.label;
  // libblkid also looks behind the first sector: it does not name a volume that is damaged there.
  if (facts.content == Content::unknown) facts.content = content_by_first_sector(entry.filesystem);
  if (const auto by_type = content_by_type(facts.type); by_type != Content::unknown) facts.content = by_type;
  return facts;
}

}  // namespace

DiskFacts inspect(int disk, const std::string& scratch, unsigned file_sector_size) {
  const disk::DiskDescriptor bytes(disk, file_sector_size);
  DiskFacts facts;
  facts.bytes = bytes.size();
  facts.sector_size = bytes.sector_size();
  const auto gpt = disk::check_gpt(bytes);
  facts.primary_gpt = copy_of(gpt.primary);
  facts.backup_gpt = copy_of(gpt.backup);
  facts.backup_at_end = gpt.backup_at_end;
  facts.beyond_end = gpt.beyond_end;
  facts.hybrid = gpt.hybrid;
  const auto whole = contents_of(disk, 0, bytes.size(), bytes.sector_size());
  facts.content = whole.content;
  facts.content_name = whole.name;
  const auto table = disk::read_partitions(bytes);
  facts.table = parse_word<domain::TableKind>(table.kind).value_or(domain::TableKind::none);
  facts.id = table.id;
  for (const auto& entry : table.partitions) {
    // An extended partition is a container: its logical ones are in the list.
    const bool extended = entry.type == "0x05" || entry.type == "0x0f" || entry.type == "0x85";
    if (!extended) facts.partitions.push_back(partition_of(disk, bytes, entry));
  }
  // libfdisk falls back to the MBR that protects a GPT.
  const auto protects = [](const PartitionFacts& partition) { return partition.type == "0xee"; };
  if (facts.table == domain::TableKind::mbr &&
      std::any_of(facts.partitions.begin(), facts.partitions.end(), protects)) {
    facts.table = domain::TableKind::none;
    facts.id.clear();
    facts.partitions.clear();
    facts.protective_mbr = true;
  }
  // Volumes end their first sector as an MBR does; BitLocker's has text where an MBR has partitions.
  if (facts.table == domain::TableKind::mbr &&
      (whole.content == Content::bitlocker || (facts.partitions.empty() && whole.content != Content::unknown))) {
    facts.table = domain::TableKind::none;
    facts.id.clear();
    facts.partitions.clear();
  }
  if (facts.table == domain::TableKind::none &&
      (whole.content == Content::ntfs || whole.content == Content::bitlocker)) {
    disk::Partition all;
    all.bytes = bytes.size();
    facts.partitions.push_back(partition_of(disk, bytes, all));
  }
  for (auto& partition : facts.partitions) {
    if (is_system(partition) && facts.boot.size() < most_boot_files) read_system(bytes, scratch, partition, facts);
    if (partition.content == Content::bitlocker) {
      partition.bitlocker = read_bitlocker(bytes, partition.start, partition.bytes);
    }
    if (partition.content == Content::ntfs) read_volume(bytes, scratch, partition, facts);
  }
  facts.raid = read_firmware_raid(bytes);
  const auto dynamic = [](const PartitionFacts& partition) { return partition.content == Content::ldm; };
  if (std::any_of(facts.partitions.begin(), facts.partitions.end(), dynamic)) {
    facts.dynamic = read_dynamic_disk(bytes, facts.partitions);
  }
  return facts;
}

}  // namespace rescue::windows_disk
