// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/efi_load_option.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace rescue::boot {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::size_t little_endian(Bytes bytes, std::size_t at) { return bytes[at] | (std::size_t{bytes[at + 1]} << 8U); }

/// Removes the description (UCS-2) from `bytes`; '?' stands for what is not ASCII.
std::string take_description(Bytes& bytes) {
  std::string text;
  while (bytes.size() >= 2) {
    const auto unit = little_endian(bytes, 0);
    bytes = bytes.subspan(2);
    if (unit == 0) break;
    text += unit >= 0x20 && unit < 0x7f ? static_cast<char>(unit) : '?';
  }
  return text;
}

/// Device path nodes (UEFI 2.10, chapter 10): types and subtypes.
enum Type : std::uint8_t { messaging = 3, media = 4, bbs = 5, end_of_path = 0x7f };

bool is_network_message(unsigned subtype) {
  // MAC, IPv4, IPv6, URI, Wi-Fi, DNS
  constexpr std::array<unsigned, 6> subtypes{11, 12, 13, 24, 28, 31};
  return std::find(subtypes.begin(), subtypes.end(), subtype) != subtypes.end();
}

/// BBS types of network: an embedded card, or a bootstrap entry vector, as option ROMs of network cards have.
bool is_network_bbs(unsigned device) { return device == 6 || device == 0x80; }

struct Path {
  bool network = false;
  bool medium = false;  ///< a partition, a file, a disk of the BIOS
  bool empty = true;
};

Path judge(Bytes bytes) {
  constexpr std::size_t header = 4;
  Path path;
  while (bytes.size() >= header && bytes[0] != end_of_path) {
    const auto length = little_endian(bytes, 2);
    if (length < header || length > bytes.size()) break;
    const unsigned type = bytes[0];
    const unsigned subtype = bytes[1];
    path.empty = false;
    if (type == messaging && is_network_message(subtype)) path.network = true;
    if (type == media) path.medium = true;
    if (type == bbs && length >= header + 2) {
      const auto device = static_cast<unsigned>(little_endian(bytes, header));
      (is_network_bbs(device) ? path.network : path.medium) = true;
    }
    bytes = bytes.subspan(length);
  }
  return path;
}

bool names_the_network(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  for (const std::string_view word : {"network", "netboot", "ethernet", "pxe", "ipv4", "ipv6", "http boot"}) {
    if (text.find(word) != std::string::npos) return true;
  }
  for (const std::string_view word : {"lan", "nic"}) {  // whole words: not in "plan" and "unicode"
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
      const auto after = at + word.size();
      if ((at == 0 || !is_letter(text[at - 1])) && (after == text.size() || !is_letter(text[after]))) return true;
    }
  }
  return false;
}

}  // namespace

EfiBootEntry parse_load_option(Bytes bytes) {
  constexpr std::size_t fixed = 6;  // attributes, length of the path
  if (bytes.size() < fixed) return {};
  const auto path_size = little_endian(bytes, 4);
  bytes = bytes.subspan(fixed);
  EfiBootEntry entry;
  entry.description = take_description(bytes);
  if (path_size > bytes.size()) return {};
  const auto path = judge(bytes.first(path_size));
  const auto data = bytes.subspan(path_size);
  const bool from_hp = data.size() >= 2 && data[0] == 'R' && data[1] == 'C';
  entry.network = path.network || (!path.medium && names_the_network(entry.description)) || (path.empty && from_hp);
  return entry;
}

}  // namespace rescue::boot
