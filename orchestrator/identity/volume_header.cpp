// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/identity/volume_header.hpp"

#include "core/disk/little_endian.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace rescue::identity {
namespace {

using disk::number_at;

constexpr std::size_t boot_sector = 512;
constexpr std::size_t ntfs_serial_at = 0x48;
constexpr std::size_t fat16_serial_at = 39;
constexpr std::size_t fat32_serial_at = 67;

std::string boot_sector_at(const disk::DiskBytes& disk, std::uint64_t offset) {
  std::string sector(boot_sector, '\0');
  if (!disk.read(sector.data(), sector.size(), offset)) sector.assign(boot_sector, '\0');
  return sector;
}

/// Adds the place in the copy of the boot sector, if that is inside of the volume and has the same number.
void add_copy_at(VolumeHeader& header, const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes,
                 std::uint64_t copy, std::size_t serial_at) {
  if (copy == 0 || bytes < boot_sector || copy > bytes - boot_sector) return;
  const auto sector = boot_sector_at(disk, start + copy);
  if (std::string_view(sector).substr(serial_at, header.serial.size()) == header.serial) {
    header.places.push_back(start + copy + serial_at);
  }
}

void read_ntfs(VolumeHeader& header, const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes,
               const std::string& sector) {
  header.serial = sector.substr(ntfs_serial_at, 8);
  header.places.push_back(start + ntfs_serial_at);
  // The copy is behind the last sector that the volume counts.
  const std::uint64_t sector_bytes = number_at<std::uint16_t>(sector, 11);
  const auto sectors = number_at<std::uint64_t>(sector, 0x28);
  if (sector_bytes < boot_sector || sectors > bytes / sector_bytes) return;
  add_copy_at(header, disk, start, bytes, sectors * sector_bytes, ntfs_serial_at);
}

void read_fat(VolumeHeader& header, const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes,
              const std::string& sector, std::size_t serial_at) {
  // The byte before says that serial number and label are there; 0x28: the serial number alone.
  const auto mark = static_cast<unsigned char>(sector[serial_at - 1]);
  if (mark != 0x29 && mark != 0x28) return;
  header.serial = sector.substr(serial_at, 4);
  header.places.push_back(start + serial_at);
  if (serial_at != fat32_serial_at) return;
  const std::uint64_t sector_bytes = number_at<std::uint16_t>(sector, 11);
  add_copy_at(header, disk, start, bytes, number_at<std::uint16_t>(sector, 50) * sector_bytes, serial_at);
}

}  // namespace

VolumeHeader read_volume_header(const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes) {
  VolumeHeader header;
  if (bytes < boot_sector) return header;
  const auto sector = boot_sector_at(disk, start);
  constexpr std::array<std::pair<std::string_view, const char*>, 4> names{
      {{"NTFS    ", "ntfs"}, {"EXFAT   ", "exfat"}, {"-FVE-FS-", "bitlocker"}, {"ReFS", "refs"}}};
  for (const auto& [name, kind] : names) {
    if (std::string_view(sector).substr(3).starts_with(name)) header.kind = kind;
  }
  if (header.kind == "ntfs") read_ntfs(header, disk, start, bytes, sector);
  if (!header.kind.empty()) return header;
  const bool fat32 = std::string_view(sector).substr(82).starts_with("FAT32");
  if (!fat32 && !std::string_view(sector).substr(54).starts_with("FAT")) return header;
  header.kind = "fat";
  read_fat(header, disk, start, bytes, sector, fat32 ? fat32_serial_at : fat16_serial_at);
  return header;
}

std::string serial_text(const std::string& serial) {
  std::string text;
  for (auto byte = serial.rbegin(); byte != serial.rend(); ++byte) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(*byte));
  }
  return text;
}

}  // namespace rescue::identity
