// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The MAC address of one network card, read in every spelling that firmware, switches and people use.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

class MacAddress {
public:
  /// Like net::Mac::in_any_spelling. None also for addresses that no card has (all zeros, broadcast, multicast).
  [[nodiscard]] static std::optional<MacAddress> try_parse(std::string_view text);
  /// Like `try_parse`; throws `usage`.
  [[nodiscard]] static MacAddress parse(std::string_view text);
  /// Like `try_parse`, as a number: 0x525400123456. For large numbers of lookups.
  [[nodiscard]] static std::optional<std::uint64_t> number_of(std::string_view text);

  /// Takes a number as `number_of` returns it.
  [[nodiscard]] static MacAddress of_number(std::uint64_t number);

  /// Canonical: 52:54:00:12:34:56.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_of(text_).value_or(0); }
  auto operator<=>(const MacAddress&) const = default;

private:
  explicit MacAddress(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace rescue::netboot
