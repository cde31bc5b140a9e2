// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/uuid_number.hpp"

#include <fmt/format.h>

#include <charconv>
#include <functional>

namespace rescue::netboot {
namespace {

constexpr std::string_view form = "00000000-0000-0000-0000-000000000000";
constexpr std::size_t digits_of_half = 16;

std::optional<std::uint64_t> half(std::string_view digits) {
  constexpr int hexadecimal = 16;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, hexadecimal);
  const bool is_whole = error == std::errc{} && end == digits.data() + digits.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<UuidNumber> UuidNumber::of(std::string_view text) {
  if (text.size() > 2 && text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
  std::string digits;
  if (text.size() == form.size()) {
    for (std::size_t i = 0; i < form.size(); ++i) {
      if ((text[i] == '-') != (form[i] == '-')) return std::nullopt;
      if (text[i] != '-') digits += text[i];
    }
    text = digits;
  }
  if (text.size() != 2 * digits_of_half) return std::nullopt;
  const auto high = half(text.substr(0, digits_of_half));
  const auto low = half(text.substr(digits_of_half));
  return high && low ? std::optional(UuidNumber{*high, *low}) : std::nullopt;
}

std::string UuidNumber::text() const {
  const auto digits = fmt::format("{:016x}{:016x}", high, low);
  const std::string_view all = digits;
  return fmt::format("{}-{}-{}-{}-{}", all.substr(0, 8), all.substr(8, 4), all.substr(12, 4), all.substr(16, 4),
                     all.substr(20));
}

std::size_t UuidNumber::Hash::operator()(const UuidNumber& uuid) const noexcept {
  // Makers number UUIDs in sequence, at either end.
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
  return std::hash<std::uint64_t>{}(uuid.high * golden ^ uuid.low);
}

}  // namespace rescue::netboot
