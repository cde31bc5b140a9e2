// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/bitlocker.hpp"

#include "core/disk/little_endian.hpp"
#include "core/printable.hpp"
#include "core/utf8.hpp"
#include "orchestrator/windows/filetime.hpp"
#include "orchestrator/windows/guid.hpp"

#include <boost/crc.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rescue::windows_disk {
namespace {

using disk::number_at;
using domain::BitLockerKey;
using domain::BitLockerState;
using domain::BitLockerVolume;

constexpr std::string_view signature = "-FVE-FS-";
constexpr std::size_t first_sector = 512;
constexpr std::size_t most_metadata = 64U << 10U;
constexpr std::size_t most_protectors = 32;
constexpr std::size_t longest_text = 200;
constexpr std::size_t block_header = 64;     // "FVE metadata block header"
constexpr std::size_t metadata_header = 48;  // "FVE metadata header"
constexpr std::size_t entry_header = 8;      // "FVE metadata entry"

/// Offsets of the metadata blocks, from the volume's start.
std::vector<std::uint64_t> blocks_of(std::string_view header) {
  constexpr std::size_t name = 3;
  if (header.starts_with("\xeb\x52\x90") && header.substr(name).starts_with(signature)) {  // Windows Vista
    const std::uint64_t cluster =
        std::uint64_t{number_at<std::uint16_t>(header, 11)} * number_at<std::uint8_t>(header, 13);
    const auto first = number_at<std::uint64_t>(header, 56);
    if (cluster == 0 || first > UINT64_MAX / cluster) return {};
    return {first * cluster};
  }
  const bool to_go = header.substr(name).starts_with("MSWIN4.1");
  if (!to_go && !header.substr(name).starts_with(signature)) return {};
  const std::size_t at = to_go ? 440 : 176;
  return {number_at<std::uint64_t>(header, at), number_at<std::uint64_t>(header, at + 8),
          number_at<std::uint64_t>(header, at + 16)};
}

struct Block {
  std::string bytes;      ///< header, metadata header, entries
  bool verified = false;  ///< its checksum is right
};

/// Whether the validation behind the block has its checksum. Windows Vista wrote none that is described.
bool is_verified(std::string_view bytes, std::size_t size) {
  constexpr std::size_t validation = 8;
  if (number_at<std::uint16_t>(bytes, 10) < 2 || size + validation > bytes.size()) return false;
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), size);
  return crc.checksum() == number_at<std::uint32_t>(bytes, size + 4);
}

/// The block at an offset of the volume; without bytes if there is none.
Block block_at(const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes, std::uint64_t offset) {
  if (offset == 0 || offset >= bytes) return {};
  std::string raw(std::min<std::uint64_t>(most_metadata, bytes - offset), '\0');
  if (raw.size() < block_header + metadata_header || !disk.read(raw.data(), raw.size(), start + offset)) return {};
  if (!raw.starts_with(signature)) return {};
  const auto version = number_at<std::uint16_t>(raw, 10);
  if (version != 1 && version != 2) return {};
  const std::size_t size = std::size_t{number_at<std::uint16_t>(raw, 8)} << (version == 2 ? 4U : 0U);
  const std::size_t metadata = number_at<std::uint32_t>(raw, block_header);
  if (metadata < metadata_header || metadata > raw.size() - block_header) return {};
  if (number_at<std::uint32_t>(raw, block_header + 8) != metadata_header) return {};
  const bool verified = is_verified(raw, size);
  raw.resize(block_header + metadata);
  return {std::move(raw), verified};
}

std::string method_named(std::uint16_t method) {
  constexpr std::array<std::pair<std::uint16_t, std::string_view>, 6> names{{{0x8000, "aes-cbc-128-elephant"},
                                                                             {0x8001, "aes-cbc-256-elephant"},
                                                                             {0x8002, "aes-cbc-128"},
                                                                             {0x8003, "aes-cbc-256"},
                                                                             {0x8004, "aes-xts-128"},
                                                                             {0x8005, "aes-xts-256"}}};
  for (const auto& [number, name] : names) {
    if (number == method) return std::string(name);
  }
  return fmt::format("0x{:04x}", method);
}

/// States by dislocker's names: "switching" is one way or the other, by the next state.
BitLockerState state_of(std::uint16_t current, std::uint16_t next) {
  constexpr std::uint16_t decrypted = 1;
  constexpr std::uint16_t switching = 2;
  constexpr std::uint16_t encrypted = 4;
  constexpr std::uint16_t paused = 5;
  if (current == switching && next == decrypted) return BitLockerState::decrypting;
  if (current == switching && next == encrypted) return BitLockerState::encrypting;
  if (current == paused) return BitLockerState::paused;
  if (current == decrypted) return BitLockerState::decrypted;
  return current == encrypted ? BitLockerState::encrypted : BitLockerState::unknown;
}

/// As Windows shows it beside the recovery password.
std::string guid_in_upper_case(std::string_view bytes) {
  auto guid = guid_of(bytes, 0);
  std::transform(guid.begin(), guid.end(), guid.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  return guid;
}

BitLockerKey kind_of(std::uint16_t protection) {
  switch (protection) {
  case 0x0000:
    return BitLockerKey::clear;
  case 0x0100:
    return BitLockerKey::tpm;
  case 0x0200:
    return BitLockerKey::startup_key;
  case 0x0500:
    return BitLockerKey::tpm_pin;
  case 0x0800:
    return BitLockerKey::recovery_password;
  case 0x1000:
    return BitLockerKey::smart_card;
  case 0x2000:
    return BitLockerKey::password;
  default:
    return BitLockerKey::unknown;
  }
}

/// Reads the description, and each volume master key: it is there once for each key protector.
void read_entry(std::string_view entry, BitLockerVolume& volume) {
  constexpr std::uint16_t master_key = 2;  // types of entries
  constexpr std::uint16_t description = 7;
  constexpr std::uint16_t text_value = 2;  // types of values
  constexpr std::uint16_t master_key_value = 8;
  const auto type = number_at<std::uint16_t>(entry, 2);
  const auto value = number_at<std::uint16_t>(entry, 4);
  const auto data = entry.substr(entry_header);
  constexpr std::size_t smallest_key = 28;
  if (type == master_key && value == master_key_value && data.size() >= smallest_key) {
    if (volume.protectors.size() >= most_protectors) return;
    volume.protectors.push_back({kind_of(number_at<std::uint16_t>(data, 26)), guid_in_upper_case(data)});
  } else if (type == description && value == text_value) {
    volume.description = printable(utf8_of_utf16(data), longest_text);
  }
}

BitLockerVolume described(const Block& block) {
  const std::string_view bytes = block.bytes;
  const auto header = bytes.substr(block_header);
  BitLockerVolume volume;
  volume.state = state_of(number_at<std::uint16_t>(bytes, 12), number_at<std::uint16_t>(bytes, 14));
  volume.id = guid_of(header, 16);
  volume.method = method_named(number_at<std::uint16_t>(header, 36));
  volume.created = time_of(number_at<std::uint64_t>(header, 40));
  auto rest = header.substr(metadata_header);
  while (rest.size() >= entry_header) {
    const auto size = number_at<std::uint16_t>(rest, 0);
    if (size == 0) break;
    if (size < entry_header || size > rest.size()) {
      volume.problem = "its list of keys is damaged";
      break;
    }
    read_entry(rest.substr(0, size), volume);
    rest.remove_prefix(size);
  }
  return volume;
}

}  // namespace

BitLockerVolume read_bitlocker(const disk::DiskBytes& disk, std::uint64_t start, std::uint64_t bytes) {
  BitLockerVolume nothing;
  std::string header(first_sector, '\0');
  if (bytes < header.size() || !disk.read(header.data(), header.size(), start)) {
    nothing.problem = "its first sector can't be read";
    return nothing;
  }
  Block best;
  for (const auto offset : blocks_of(header)) {
    auto block = block_at(disk, start, bytes, offset);
    if (best.bytes.empty() || block.verified) best = std::move(block);
    if (best.verified) break;
  }
  if (best.bytes.empty()) {
    nothing.problem = "none of its metadata blocks can be read";
    return nothing;
  }
  auto volume = described(best);
  volume.to_go = header.substr(3).starts_with("MSWIN4.1");
  return volume;
}

}  // namespace rescue::windows_disk
