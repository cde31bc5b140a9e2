// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/pages/language.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace rescue::netboot::api {
namespace {

/// Weight in thousandths, of "q=0.8"; none if it is malformed.
std::optional<int> weight_in(std::string_view parameter) noexcept {
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return std::nullopt;
  parameter.remove_prefix(2);
  constexpr std::size_t longest = 5;  // "0.123"
  if (parameter.empty() || parameter.size() > longest) return std::nullopt;
  if (parameter.front() != '0' && parameter.front() != '1') return std::nullopt;
  int weight = (parameter.front() - '0') * 1000;
  if (parameter.size() > 1 && parameter[1] != '.') return std::nullopt;
  int unit = 100;
  for (std::size_t at = 2; at < parameter.size(); ++at, unit /= 10) {
    const char digit = parameter[at];
    if (digit < '0' || digit > '9') return std::nullopt;
    weight += (digit - '0') * unit;
  }
  return std::min(weight, 1000);
}

std::optional<Language> language_named(std::string_view tag) noexcept {
  const auto primary = tag.substr(0, tag.find('-'));
  if (primary.size() != 2) return std::nullopt;
  const char small[] = {static_cast<char>(std::tolower(static_cast<unsigned char>(primary[0]))),
                        static_cast<char>(std::tolower(static_cast<unsigned char>(primary[1])))};
  return parse_word<Language>(std::string_view(small, sizeof small));
}

}  // namespace

Language accepted_language(std::string_view accept_language) noexcept {
  auto best = Language::english;
  int best_weight = 0;
  while (!accept_language.empty()) {
    const auto comma = std::min(accept_language.find(','), accept_language.size());
    const auto item = accept_language.substr(0, comma);
    accept_language.remove_prefix(std::min(comma + 1, accept_language.size()));
    const auto semicolon = std::min(item.find(';'), item.size());
    const auto language = language_named(trimmed_view(item.substr(0, semicolon)));
    const auto weight =
        semicolon == item.size() ? std::optional(1000) : weight_in(trimmed_view(item.substr(semicolon + 1)));
    if (!language || !weight || *weight <= best_weight) continue;
    best = *language;
    best_weight = *weight;
  }
  return best;
}

Language language_of(const http::Request& request) {
  const auto asked = request.query.find("lang");
  if (asked != request.query.end()) {
    if (const auto language = parse_word<Language>(asked->second)) return *language;
  }
  return accepted_language(request.header("accept-language"));
}

}  // namespace rescue::netboot::api
