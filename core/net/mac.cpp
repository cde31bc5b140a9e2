// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/net/mac.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace rescue::net {
namespace {

constexpr std::size_t digits_of_a_mac = 12;
constexpr std::string_view separators = ":-. ";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// "01-52-54-00-12-34-56" -> "52-54-00-12-34-56": what PXELINUX asks for.
std::string_view without_hardware_type(std::string_view text) {
  constexpr std::size_t length = 20;
  return text.size() == length && text.starts_with("01-") ? text.substr(3) : text;
}

/// The digits, when all groups are equally long and separated by one and the same character.
std::optional<std::uint64_t> digits_of(std::string_view text) {
  const auto first = text.find_first_of(separators);
  const auto group = first == std::string_view::npos ? digits_of_a_mac : first;
  if (group != 2 && group != 4 && group != 6 && group != digits_of_a_mac) return std::nullopt;
  // With the length right there is a separator wherever one is looked for, and a digit at the end.
  if (text.size() != digits_of_a_mac + digits_of_a_mac / group - 1) return std::nullopt;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % (group + 1) == group) {
      if (text[i] != text[first]) return std::nullopt;
    } else if (const int value = hex_value(text[i]); value >= 0) {
      number = number << 4U | static_cast<unsigned>(value);
    } else {
      return std::nullopt;
    }
  }
  return number;
}

/// Six octets without their leading zeros, as switches and Solaris write them: 0:12:37:f9:5b:7c.
std::optional<std::uint64_t> short_octets_of(std::string_view text) {
  const auto first = text.find_first_of(separators);
  if (first == std::string_view::npos) return std::nullopt;
  const char separator = text[first];
  std::uint64_t number = 0;
  for (std::size_t octet = 1; octet <= Mac::size; ++octet) {
    const auto digits = text.substr(0, text.find(separator));
    const bool is_last = digits.size() == text.size();
    if (digits.empty() || digits.size() > 2 || is_last != (octet == Mac::size)) return std::nullopt;
    unsigned value = 0;
    for (const char c : digits) {
      if (hex_value(c) < 0) return std::nullopt;
      value = value << 4U | static_cast<unsigned>(hex_value(c));
    }
    number = number << 8U | value;
    text.remove_prefix(std::min(digits.size() + 1, text.size()));
  }
  return number;
}

}  // namespace

std::optional<Mac> Mac::try_parse(std::string_view text) {
  constexpr std::size_t length = 17;
  if (text.size() != length || text[2] != ':') return std::nullopt;
  const auto number = digits_of(text);
  return number ? std::optional(of_number(*number)) : std::nullopt;
}

Mac Mac::parse(std::string_view text) {
  if (const auto mac = try_parse(text)) return *mac;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not a MAC address", text), "Write it as 52:54:00:12:34:56.");
}

std::optional<Mac> Mac::in_any_spelling(std::string_view text) {
  auto number = digits_of(without_hardware_type(text));
  if (!number) number = short_octets_of(text);
  return number ? std::optional(of_number(*number)) : std::nullopt;
}

Mac Mac::of_number(std::uint64_t number) {
  Mac mac;
  for (auto byte = mac.bytes_.rbegin(); byte != mac.bytes_.rend(); ++byte, number >>= 8U) {
    *byte = static_cast<std::uint8_t>(number & 0xffU);
  }
  return mac;
}

std::optional<Mac> Mac::of_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != size) return std::nullopt;
  Mac mac;
  std::copy(bytes.begin(), bytes.end(), mac.bytes_.begin());
  return mac;
}

std::uint64_t Mac::number() const noexcept {
  std::uint64_t number = 0;
  for (const auto byte : bytes_) number = number << 8U | byte;
  return number;
}

std::string Mac::text() const { return fmt::format("{:02x}", fmt::join(bytes_, ":")); }

}  // namespace rescue::net
