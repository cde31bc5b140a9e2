// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/mac_address.hpp"

#include "core/error.hpp"
#include "core/net/mac.hpp"

#include <fmt/format.h>

namespace rescue::netboot {

std::optional<std::uint64_t> MacAddress::number_of(std::string_view text) {
  const auto mac = net::Mac::in_any_spelling(text);
  return mac && !mac->is_zero() && !mac->is_group() ? std::optional(mac->number()) : std::nullopt;
}

MacAddress MacAddress::of_number(std::uint64_t number) { return MacAddress(net::Mac::of_number(number).text()); }

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
