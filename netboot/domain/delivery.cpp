// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/delivery.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace rescue::netboot {

std::optional<WallTime> next_attempt(const RetryRules& rules, const DeliveryRecord& record, WallTime now) {
  if (record.attempts >= rules.attempts) return std::nullopt;
  auto pause = rules.first;
  for (int i = 1; i < record.attempts && pause < rules.longest; ++i) pause *= 2;
  const auto next = now + std::min(pause, rules.longest);
  if (next > record.expires) return std::nullopt;
  return next;
}

std::string return_path(const std::string& pattern, const std::string& tag) {
  constexpr std::string_view place = "{id}";
  auto address = pattern;
  if (const auto at = address.find(place); at != std::string::npos) address.replace(at, place.size(), tag);
  return address;
}

std::string tag_in(std::string_view address) {
  constexpr std::size_t size = 16;
  const auto local = address.substr(0, address.rfind('@'));
  const auto before = local.find_last_of("+-.=");
  const auto tag = lower_case(std::string(before == std::string_view::npos ? local : local.substr(before + 1)));
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return tag.size() == size && std::all_of(tag.begin(), tag.end(), is_digit) ? tag : std::string{};
}

}  // namespace rescue::netboot
