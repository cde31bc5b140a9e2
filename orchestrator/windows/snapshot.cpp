// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/snapshot.hpp"

#include "core/base64.hpp"
#include "core/disk/fat_volume.hpp"
#include "core/disk/ntfs_volume.hpp"
#include "core/disk/partitions.hpp"
#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/sha256.hpp"
#include "orchestrator/windows/boot_files.hpp"
#include "orchestrator/windows/boot_objects.hpp"
#include "orchestrator/windows/recorded_files.hpp"

#include <algorithm>
#include <optional>

namespace rescue::windows_disk {
namespace {

using domain::DiskSnapshot;
using domain::VolumeRecord;

constexpr std::size_t longest_text = 200;
constexpr std::size_t most_volumes = 128;
constexpr std::uint64_t largest_store = 16U << 20U;

std::optional<std::string> bytes_at(const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes) {
  std::string content(bytes, '\0');
  if (!disk.read(content.data(), content.size(), start)) return std::nullopt;
  return content;
}

void add_region(const disk::DiskBytes& disk, const char* name, std::uint64_t start, std::uint64_t bytes, bool copy,
                DiskSnapshot& snapshot) {
  const auto content = bytes_at(disk, start, bytes);
  if (!content) return;
  snapshot.regions.push_back({name, start, bytes, sha256_hex(*content), copy ? base64_of(*content) : ""});
}

/// The places that every tool gives a table of 128 entries (UEFI 2.10, 5.3).
void add_tables(const disk::DiskBytes& disk, DiskSnapshot& snapshot) {
  constexpr std::uint64_t entries = 128U * 128U;
  constexpr std::uint64_t first_sector = 512;
  const std::uint64_t sector = disk.sector_size();
  add_region(disk, "mbr", 0, first_sector, true, snapshot);
  if (disk.size() < 2 * (entries + 2 * sector)) return;
  const auto has_header = [&](std::uint64_t start) {
    const auto signature = bytes_at(disk, start, 8);
    return signature && *signature == "EFI PART";
  };
  if (has_header(sector)) add_region(disk, "primary-gpt", sector, sector + entries, true, snapshot);
  const auto backup = disk.size() - sector;
  if (has_header(backup)) add_region(disk, "backup-gpt", backup - entries, entries + sector, true, snapshot);
}

/// Database of dynamic disks: the last MiB of a disk with an MBR, a partition of its own on one with a GPT.
void add_dynamic_disk(const disk::DiskBytes& disk, DiskSnapshot& snapshot) {
  constexpr std::uint64_t mebibyte = 1U << 20U;
  for (const auto& volume : snapshot.volumes) {
    if (volume.type == "0x42" && disk.size() > mebibyte) {
      return add_region(disk, "ldm", disk.size() - mebibyte, mebibyte, false, snapshot);
    }
    if (volume.type == "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3") {
      return add_region(disk, "ldm", volume.start, std::min(volume.bytes, mebibyte), false, snapshot);
    }
  }
}

/// NTFS keeps its loader in 16 sectors. FAT changes a flag in its first sector when it is mounted.
void read_boot_sector(const disk::DiskBytes& disk, VolumeRecord& volume) {
  constexpr std::uint64_t first_sector = 512;
  constexpr std::uint64_t ntfs_loader = 8192;
  const auto size = std::min(volume.bytes, volume.filesystem == "ntfs" ? ntfs_loader : first_sector);
  auto content = bytes_at(disk, volume.start, size);
  if (!content || content->size() < first_sector) return;
  volume.boot_sector_copy = base64_of(*content);
  if (volume.filesystem == "fat") {
    for (const std::size_t flags : {0x25, 0x41}) (*content)[flags] = '\0';
  }
  volume.boot_sector = sha256_hex(*content);
}

template <class Volume>
void read_store(const Volume& files, const char* path, const std::string& prefix, const std::string& scratch,
                VolumeRecord& volume) {
  const auto bytes = files.read(prefix + path, largest_store);
  if (!bytes) return;
  volume.store = path;
  try {
    volume.objects = boot_objects(disk::Hive(hive_file_with(*bytes, scratch)));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;  // no fault of the store
    volume.store_problem = printable(error.what(), longest_text);
  }
}

bool is_system(const VolumeRecord& volume) {
  return volume.type == "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" || volume.type == "0xef";
}

void read_files(const disk::DiskBytes& disk, const std::string& scratch, RecordingBudget& budget,
                VolumeRecord& volume) {
  try {
    if (is_system(volume)) {
      const disk::FatVolume fat(disk, volume.start, volume.bytes);
      record_files(fat, volume, budget);
      read_store(fat, "EFI/Microsoft/Boot/BCD", "", scratch, volume);
    } else if (volume.filesystem == "ntfs") {
      const disk::NtfsVolume ntfs(disk, volume.start, volume.bytes);
      record_files(ntfs, volume, budget);
      if (volume.active) read_store(ntfs, "Boot/BCD", "/", scratch, volume);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;  // no fault of the volume
    volume.problem = printable(error.what(), longest_text);
  }
}

VolumeRecord volume_of(const disk::DiskBytes& disk, const disk::Partition& entry) {
  VolumeRecord volume;
  volume.number = entry.number;
  volume.start = entry.start;
  // A table may say more than there is.
  volume.bytes = entry.start >= disk.size() ? 0 : std::min(entry.bytes, disk.size() - entry.start);
  volume.type = entry.type;
  volume.id = entry.id;
  volume.name = printable(entry.name, longest_text);
  volume.active = entry.active;
  volume.filesystem = entry.filesystem;
  return volume;
}

}  // namespace

DiskSnapshot take_snapshot(int disk, const std::string& scratch, unsigned file_sector_size) {
  const disk::DiskDescriptor bytes(disk, file_sector_size);
  DiskSnapshot snapshot;
  snapshot.bytes = bytes.size();
  add_tables(bytes, snapshot);
  const auto table = disk::read_partitions(bytes);
  snapshot.table = table.kind;
  snapshot.id = table.id;
  RecordingBudget budget;
  for (const auto& entry : table.partitions) {
    if (snapshot.volumes.size() >= most_volumes) break;
    auto volume = volume_of(bytes, entry);
    read_boot_sector(bytes, volume);
    read_files(bytes, scratch, budget, volume);
    snapshot.volumes.push_back(std::move(volume));
  }
  add_dynamic_disk(bytes, snapshot);
  return snapshot;
}

}  // namespace rescue::windows_disk
