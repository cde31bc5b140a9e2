// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/gpt.hpp"

#include "core/disk/little_endian.hpp"

#include <boost/crc.hpp>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace rescue::disk {
namespace {

constexpr std::size_t most_sector_bytes = 4096;
constexpr std::size_t smallest_header = 92;
constexpr std::size_t most_entry_bytes = 1U << 20U;

std::uint32_t crc_of(const void* bytes, std::size_t size) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes, size);
  return crc.checksum();
}

struct Copy {
  GptState state = GptState::absent;
  std::uint64_t other = 0;  ///< where this header says that the other one is
  std::uint64_t last_usable = 0;
};

/// Whether the partition entries have the checksum that their header says.
bool entries_are_good(const DiskBytes& disk, std::string_view header) {
  const auto first = number_at<std::uint64_t>(header, 72);
  const std::uint64_t count = number_at<std::uint32_t>(header, 80);
  const std::uint64_t size = number_at<std::uint32_t>(header, 84);
  if (size < 128 || count == 0 || count > most_entry_bytes / size) return false;
  if (first > disk.size() / disk.sector_size()) return false;
  std::string entries(count * size, '\0');
  return disk.read(entries.data(), entries.size(), first * disk.sector_size()) &&
         crc_of(entries.data(), entries.size()) == number_at<std::uint32_t>(header, 88);
}

Copy copy_at(const DiskBytes& disk, std::uint64_t sector) {
  std::array<char, most_sector_bytes> header{};
  if (disk.sector_size() > header.size() || sector > disk.size() / disk.sector_size()) return {};
  if (!disk.read(header.data(), disk.sector_size(), sector * disk.sector_size())) return {GptState::damaged};
  const std::string_view bytes(header.data(), header.size());
  if (!bytes.starts_with("EFI PART")) return {};
  Copy copy{GptState::damaged, number_at<std::uint64_t>(bytes, 32), number_at<std::uint64_t>(bytes, 48)};
  const auto size = number_at<std::uint32_t>(bytes, 12);
  const auto checksum = number_at<std::uint32_t>(bytes, 16);
  if (size < smallest_header || size > disk.sector_size()) return copy;
  std::memset(header.data() + 16, 0, sizeof checksum);
  if (crc_of(header.data(), size) != checksum || number_at<std::uint64_t>(bytes, 24) != sector) return copy;
  if (entries_are_good(disk, bytes)) copy.state = GptState::good;
  return copy;
}

/// Whether an MBR has a protective partition and others (type 0xee, UEFI 2.10, 5.2.3).
bool is_hybrid(const DiskBytes& disk) {
  std::array<char, 512> sector{};
  if (!disk.read(sector.data(), sector.size(), 0)) return false;
  bool protective = false;
  bool others = false;
  for (std::size_t entry = 446; entry < 510; entry += 16) {
    const auto type = static_cast<unsigned char>(sector[entry + 4]);
    if (type == 0xee) {
      protective = true;
    } else if (type != 0) {
      others = true;
    }
  }
  return protective && others;
}

}  // namespace

GptCheck check_gpt(const DiskBytes& disk) noexcept try {
  GptCheck check;
  const auto sectors = disk.size() / disk.sector_size();
  constexpr std::uint64_t fewest = 4;
  if (sectors < fewest) return check;
  const auto last = sectors - 1;
  const auto primary = copy_at(disk, 1);
  check.primary = primary.state;
  check.beyond_end = primary.state == GptState::good && (primary.other > last || primary.last_usable > last);
  auto backup = copy_at(disk, last);
  if (primary.state == GptState::good && primary.other != last) {
    const auto elsewhere = copy_at(disk, primary.other);
    if (elsewhere.state != GptState::absent) {
      backup = elsewhere;
      check.backup_at_end = false;
    }
  }
  check.backup = backup.state;
  if (check.primary != GptState::absent || check.backup != GptState::absent) check.hybrid = is_hybrid(disk);
  return check;
} catch (...) {
  return {GptState::damaged, GptState::damaged, true, false, false};
}

}  // namespace rescue::disk
