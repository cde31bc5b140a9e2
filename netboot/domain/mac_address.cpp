// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/mac_address.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace rescue::netboot {
namespace {

constexpr std::size_t digits_of_a_mac = 12;

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
std::optional<std::string> digits_of(std::string_view text) {
  const auto first = text.find_first_of(":-.");
  const auto group = first == std::string_view::npos ? digits_of_a_mac : first;
  if (group != 2 && group != 4 && group != 6 && group != digits_of_a_mac) return std::nullopt;
  // With the length right there is a separator wherever one is looked for, and a digit at the end.
  if (text.size() != digits_of_a_mac + digits_of_a_mac / group - 1) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % (group + 1) == group) {
      if (text[i] != text[first]) return std::nullopt;
    } else if (hex_value(text[i]) >= 0) {
      digits += text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    } else {
      return std::nullopt;
    }
  }
  return digits;
}

}  // namespace

std::optional<MacAddress> MacAddress::try_parse(std::string_view text) {
  const auto digits = digits_of(without_hardware_type(text));
  if (!digits) return std::nullopt;
  const bool is_group_address = hex_value((*digits)[1]) % 2 == 1;
  if (is_group_address || digits->find_first_not_of('0') == std::string::npos) return std::nullopt;
  std::string canonical;
  for (std::size_t i = 0; i < digits_of_a_mac; i += 2) {
    if (i > 0) canonical += ':';
    canonical += digits->substr(i, 2);
  }
  return MacAddress(std::move(canonical));
}

MacAddress MacAddress::parse(std::string_view text) {
  if (auto mac = try_parse(text)) return *mac;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not the MAC address of a network card", text),
              "Write it as 52:54:00:12:34:56; group addresses and all zeros are not a card's.");
}

}  // namespace rescue::netboot
