// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/mac_address.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot {
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
  constexpr int octets = 6;
  const auto first = text.find_first_of(separators);
  if (first == std::string_view::npos) return std::nullopt;
  const char separator = text[first];
  std::uint64_t number = 0;
  for (int octet = 1; octet <= octets; ++octet) {
    const auto digits = text.substr(0, text.find(separator));
    if (digits.empty() || digits.size() > 2 || (digits.size() == text.size()) != (octet == octets)) return std::nullopt;
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

std::optional<std::uint64_t> MacAddress::number_of(std::string_view text) {
  constexpr std::uint64_t group_address = std::uint64_t{1} << 40U;
  auto number = digits_of(without_hardware_type(text));
  if (!number) number = short_octets_of(text);
  if (!number || *number == 0 || (*number & group_address) != 0) return std::nullopt;
  return number;
}

MacAddress MacAddress::of_number(std::uint64_t number) {
  std::string canonical;
  for (unsigned shift = 48; shift > 0; shift -= 8) {
    if (!canonical.empty()) canonical += ':';
    canonical += fmt::format("{:02x}", number >> (shift - 8) & 0xffU);
  }
  return MacAddress(std::move(canonical));
}

std::optional<MacAddress> MacAddress::try_parse(std::string_view text) {
  const auto number = number_of(text);
  return number ? std::optional(of_number(*number)) : std::nullopt;
}

MacAddress MacAddress::parse(std::string_view text) {
  if (auto mac = try_parse(text)) return *mac;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not the MAC address of a network card", text),
              "Write it as 52:54:00:12:34:56; group addresses and all zeros are not a card's.");
}

}  // namespace rescue::netboot
