// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/reparse_point.hpp"

#include <fmt/format.h>

namespace rescue::disk {
namespace {

// "Reparse Tags", [MS-FSCC] 2.1.2.1.
constexpr std::uint32_t mount_point = 0xA0000003;
constexpr std::uint32_t symbolic_link = 0xA000000C;
constexpr std::uint32_t linux_link = 0xA000001D;
constexpr std::uint32_t wof = 0x80000017;
constexpr std::uint32_t deduplicated = 0x80000013;
constexpr std::uint32_t single_instance = 0x80000007;
constexpr std::uint32_t hierarchical = 0xC0000004;
constexpr std::uint32_t hierarchical_2 = 0x80000006;
constexpr std::uint32_t cloud = 0x9000001A;
constexpr std::uint32_t cloud_variants = 0xFFFF0FFF;  // 0x9000101A to 0x9000F01A are the same

constexpr std::size_t header = 8;  // tag, length of the data, reserved

std::uint32_t unit_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]) | static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + 1]))
                                                     << 8U;
}

void append(std::string& text, std::uint32_t point) {
  constexpr std::uint32_t one = 0x80;
  constexpr std::uint32_t two = 0x800;
  constexpr std::uint32_t three = 0x10000;
  constexpr std::uint32_t low = 0x3F;
  const auto add = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (point < one) return add(point);
  if (point < two) {
    add(0xC0U | point >> 6U);
  } else {
    if (point < three) {
      add(0xE0U | point >> 12U);
    } else {
      add(0xF0U | point >> 18U);
      add(0x80U | (point >> 12U & low));
    }
    add(0x80U | (point >> 6U & low));
  }
  add(0x80U | (point & low));
}

/// Name in the buffer of a link: offset and length are in bytes, behind `fields` bytes of the data.
std::string name_in(std::string_view data, std::size_t fields, std::size_t place) {
  if (data.size() < fields) return "";
  const std::size_t offset = unit_at(data, place);
  const std::size_t length = unit_at(data, place + 2);
  const auto names = data.substr(fields);
  if (offset > names.size() || length > names.size() - offset) return "";
  return utf8_of_utf16(names.substr(offset, length));
}

std::string target_of(std::uint32_t tag, std::string_view data) {
  constexpr std::size_t fields_of_mount_point = 8;
  constexpr std::size_t fields_of_symbolic_link = 12;
  constexpr std::size_t substitute_name = 0;
  constexpr std::size_t print_name = 4;
  constexpr std::size_t version = 4;
  if (tag == linux_link) return data.size() < version ? "" : std::string(data.substr(version));
  const auto fields = tag == symbolic_link ? fields_of_symbolic_link : fields_of_mount_point;
  auto name = name_in(data, fields, print_name);
  return name.empty() ? name_in(data, fields, substitute_name) : name;
}

}  // namespace

bool ReparsePoint::is_link() const noexcept { return tag == mount_point || tag == symbolic_link || tag == linux_link; }

ReparsePoint parse_reparse_point(std::string_view bytes) {
  ReparsePoint point;
  if (bytes.size() < header) return point;
  point.tag = unit_at(bytes, 0) | unit_at(bytes, 2) << 16U;
  if (point.is_link()) point.target = target_of(point.tag, bytes.substr(header));
  return point;
}

std::string obstacle_of(const ReparsePoint& point, bool complete) {
  if (point.is_link()) return "a link to " + point.target + ", which is not followed";
  switch (point.tag) {
  case wof:
    return "compressed by Windows (WOF, \"compact OS\"): only Windows can read it";
  case deduplicated:
    return "deduplicated by Windows Server: its content is in the volume's chunk store, which only Windows can read";
  case single_instance:
  case hierarchical:
  case hierarchical_2:
    return "moved to other storage by Windows: only Windows can read it";
  default:
    break;
  }
  if ((point.tag & cloud_variants) == cloud) {
    return complete ? "" : "in a cloud (OneDrive or the like), and not on this disk";
  }
  return fmt::format("provided by a driver of Windows (reparse tag 0x{:08x}): only Windows can read it", point.tag);
}

std::string utf8_of_utf16(std::string_view bytes) {
  constexpr std::uint32_t first_high = 0xD800;
  constexpr std::uint32_t first_low = 0xDC00;
  constexpr std::uint32_t behind = 0xE000;
  std::string text;
  text.reserve(bytes.size() / 2);
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    auto point = unit_at(bytes, at);
    if (point >= first_high && point < first_low && at + 3 < bytes.size()) {
      if (const auto low = unit_at(bytes, at + 2); low >= first_low && low < behind) {
        point = 0x10000U + ((point - first_high) << 10U) + (low - first_low);
        at += 2;
      }
    }
    append(text, point);
  }
  return text;
}

}  // namespace rescue::disk
