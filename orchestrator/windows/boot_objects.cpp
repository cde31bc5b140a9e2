// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/boot_objects.hpp"

#include "core/disk/little_endian.hpp"
#include "core/printable.hpp"
#include "core/sha256.hpp"
#include "core/text.hpp"
#include "orchestrator/windows/boot_files.hpp"
#include "orchestrator/windows/registry_values.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::windows_disk {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_objects = 128;
constexpr std::size_t most_elements = 64;
constexpr std::size_t longest_value = 500;

/// Part of a digest that tells two values apart.
std::string digest_text(const std::string& bytes) {
  constexpr std::size_t digits = 16;
  return fmt::format("{} bytes, SHA-256 {}", bytes.size(), sha256_hex(bytes).substr(0, digits));
}

std::string device_text(const std::string& hex, const std::string& bytes) {
  const auto device = boot_device(hex);
  if (!device.known) return digest_text(bytes);
  if (device.boot) return "the partition of the boot manager";
  if (!device.partition_id.empty()) return fmt::format("partition {} of disk {}", device.partition_id, device.disk_id);
  return fmt::format("the partition at byte {} of disk {}", device.partition_start, device.disk_id);
}

/// Texts of a REG_MULTI_SZ, which are ids of objects.
std::string list_text(const std::string& bytes) {
  std::string text;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    const auto unit = disk::number_at<std::uint16_t>(bytes, at);
    constexpr unsigned last_ascii = 0x7e;
    if (unit == 0) {
      if (!text.empty() && text.back() != ' ') text += ' ';
    } else {
      text += unit >= ' ' && unit <= last_ascii ? static_cast<char>(unit) : '?';
    }
  }
  return printable(trimmed(lower_case(text)), longest_value);
}

std::string number_text(const std::string& bytes) {
  std::uint64_t number = 0;
  if (bytes.empty() || bytes.size() > sizeof number) return digest_text(bytes);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(&number));  // little endian, as this machine is
  return std::to_string(number);
}

std::string flag_text(const std::string& bytes) {
  if (bytes.size() != 1) return digest_text(bytes);
  return bytes[0] == 0 ? "no" : "yes";
}

/// `value` as disk::Hive has it: a text, a number, or hex digits.
std::string value_text(const std::string& type, const Json& value) {
  constexpr char text_format = '2';
  constexpr char object_format = '3';
  if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
  if (!value.is_string()) return "not readable";
  const auto text = value.get<std::string>();
  const char format = type.size() > 1 ? type[1] : '0';
  if (format == text_format) return printable(text, longest_value);
  if (format == object_format) return printable(lower_case(text), longest_value);
  const auto bytes = bytes_of(text);
  switch (format) {
  case '1':
    return device_text(text, bytes);
  case '4':
    return list_text(bytes);
  case '5':
    return number_text(bytes);
  case '6':
    return flag_text(bytes);
  default:
    return digest_text(bytes);
  }
}

}  // namespace

std::vector<domain::BootObject> boot_objects(const disk::Hive& store) {
  std::vector<domain::BootObject> objects;
  for (const auto& id : store.keys_below("Objects")) {
    if (objects.size() >= most_objects) break;
    domain::BootObject object{lower_case(id), {}};
    const auto elements = fmt::format("Objects\\{}\\Elements", id);
    for (const auto& type : store.keys_below(elements)) {
      if (object.elements.size() >= most_elements) break;
      const auto values = store.values_of(elements + "\\" + type);
      const auto found = values.is_object() ? values.find("Element") : values.end();
      if (!values.is_object() || found == values.end()) continue;
      object.elements.push_back({lower_case(type), value_text(type, *found)});
    }
    objects.push_back(std::move(object));
  }
  return objects;
}

}  // namespace rescue::windows_disk
