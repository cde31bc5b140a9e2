// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/firmware_raid.hpp"

#include "core/disk/little_endian.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::windows_disk {
namespace {

using disk::number_at;
using domain::FirmwareRaid;
using domain::RaidState;

constexpr std::string_view signature = "Intel Raid ISM Cfg Sig. ";
constexpr std::size_t most_bytes = 64U << 10U;
constexpr std::size_t most_members = 32;
constexpr std::size_t most_volumes = 8;
constexpr std::size_t header_bytes = 0xd8;
constexpr std::size_t member_bytes = 48;
constexpr std::size_t name_bytes = 16;
constexpr std::size_t volume_bytes = 164;  // with one map of one member
constexpr std::size_t map_bytes = 52;

/// The first sector is the last but one of the disk, the others are before it. Empty if they can't be read.
std::vector<char> metadata_of(const disk::DiskBytes& disk) {
  const std::uint64_t sector = disk.sector_size();
  if (sector < header_bytes || disk.size() < 4 * sector) return {};
  const auto end = disk.size() / sector * sector;
  std::vector<char> bytes(sector);
  if (!disk.read(bytes.data(), bytes.size(), end - 2 * sector)) return {};
  const std::string_view first(bytes.data(), bytes.size());
  if (!first.starts_with(signature)) return {};
  const std::uint64_t size = number_at<std::uint32_t>(first, 0x24);
  if (size <= sector || size > most_bytes) return bytes;
  const auto more = (size + sector - 1) / sector - 1;
  if ((more + 2) * sector > end) return bytes;
  bytes.resize((more + 1) * sector);
  if (!disk.read(bytes.data() + sector, more * sector, end - (2 + more) * sector)) bytes.resize(sector);
  return bytes;
}

/// The sum of all numbers but the checksum itself.
bool is_whole(std::string_view bytes, std::size_t size) {
  constexpr std::size_t checksum_at = 0x20;
  if (size < header_bytes || size > bytes.size()) return false;
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at + 4 <= size; at += 4) sum += number_at<std::uint32_t>(bytes, at);
  return sum - number_at<std::uint32_t>(bytes, checksum_at) == number_at<std::uint32_t>(bytes, checksum_at);
}

std::string name_at(std::string_view bytes, std::size_t at) {
  const auto name = bytes.substr(at, name_bytes);
  return printable(name.substr(0, name.find('\0')), name_bytes);
}

RaidState state_at(std::string_view map) {
  const auto state = number_at<std::uint8_t>(map, 14);
  return state <= 3 ? static_cast<RaidState>(state) : RaidState::failed;
}

/// Reads the volume at the front and removes it; false if the metadata ends before. Its size is in sectors of the disk.
bool take_volume(std::string_view& rest, std::uint64_t sector, FirmwareRaid& raid) {
  constexpr std::size_t map_at = 112;
  constexpr std::size_t migrates_at = 88;
  if (rest.size() < volume_bytes) return false;
  const auto map = rest.substr(map_at);
  const std::size_t members = number_at<std::uint8_t>(map, 16);
  if (members == 0 || members > most_members) return false;
  auto& volume = raid.volumes.emplace_back();
  volume.name = name_at(rest, 0);
  const auto sectors = std::uint64_t{number_at<std::uint32_t>(rest, 20)} << 32U | number_at<std::uint32_t>(rest, 16);
  volume.bytes = sectors > UINT64_MAX / sector ? 0 : sectors * sector;
  volume.state = state_at(map);
  const unsigned level = number_at<std::uint8_t>(map, 15);
  volume.level = level == 1 && members > 2 ? 10 : level;  // mirrors that are striped
  const bool migrates = number_at<std::uint8_t>(rest, migrates_at) != 0;
  std::size_t size = volume_bytes + (members - 1) * 4;
  if (migrates) {  // the first map is what it becomes, a second one follows with what it is
    if (size + map_bytes > rest.size()) return false;
    const auto present = rest.substr(size);
    const std::size_t others = number_at<std::uint8_t>(present, 16);
    if (others == 0 || others > most_members) return false;
    volume.state = state_at(present);
    size += map_bytes + (others - 1) * 4;
  }
  if (size > rest.size()) return false;
  rest.remove_prefix(size);
  return true;
}

}  // namespace

std::optional<FirmwareRaid> read_firmware_raid(const disk::DiskBytes& disk) {
  const auto metadata = metadata_of(disk);
  if (metadata.empty()) return std::nullopt;
  const std::string_view bytes(metadata.data(), metadata.size());
  FirmwareRaid raid;
  const std::size_t size = number_at<std::uint32_t>(bytes, 0x24);
  const std::size_t members = number_at<std::uint8_t>(bytes, 0x38);
  const std::size_t volumes = number_at<std::uint8_t>(bytes, 0x39);
  if (!is_whole(bytes, size) || members > most_members || volumes > most_volumes ||
      header_bytes + members * member_bytes > size) {
    raid.problem = "its metadata is damaged";
    return raid;
  }
  const auto original = number_at<std::uint32_t>(bytes, 0x40);
  raid.id = fmt::format("{:08x}", original != 0 ? original : number_at<std::uint32_t>(bytes, 0x28));
  raid.generation = number_at<std::uint32_t>(bytes, 0x2c);
  auto rest = bytes.substr(0, size).substr(header_bytes);
  for (std::size_t i = 0; i < members; ++i) {
    raid.members.push_back(name_at(rest, 0));
    rest.remove_prefix(member_bytes);
  }
  for (std::size_t i = 0; i < volumes; ++i) {
    if (!take_volume(rest, disk.sector_size(), raid)) {
      raid.problem = "its list of volumes is damaged";
      break;
    }
  }
  return raid;
}

}  // namespace rescue::windows_disk
