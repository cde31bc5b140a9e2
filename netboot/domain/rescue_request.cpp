// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/rescue_request.hpp"

#include "contract/keyboard.hpp"
#include "contract/session.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace rescue::netboot {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// True for characters of an atom (RFC 5322), except those that a mail program could read as syntax.
bool is_mail_character(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) ||
         std::string_view("!#$&*+-/=?^_.~").find(c) != std::string_view::npos;
}

}  // namespace

bool is_link_sent(const RescueRequest& request) noexcept {
  return request.link && (!request.notify_address.empty() || request.code == contract::CodePolicy::webhook);
}

bool can_discard_changes(const RescueRequest& request) noexcept {
  return request.disk_mode == name_of(contract::DiskMode::read_only) ||
         request.disk_mode == name_of(contract::DiskMode::overlay);
}

std::string canonical_mail_address(const std::string& text) {
  constexpr std::size_t longest = 254;
  const auto at = text.find('@');
  const bool fits = text.size() <= longest && at != std::string::npos && at > 0 && at + 1 < text.size() &&
                    text.find('@', at + 1) == std::string::npos && text[at + 1] != '.' && text.back() != '.' &&
                    std::all_of(text.begin(), text.end(), [](char c) { return c == '@' || is_mail_character(c); });
  if (fits) return text;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not a mail address", text), "Write it as admin@example.org.");
}

std::string canonical_language(const std::string& text) {
  const auto hyphen = std::min(text.find('-'), text.size());
  const auto language = std::string_view(text).substr(0, hyphen);
  const auto region = std::string_view(text).substr(std::min(hyphen + 1, text.size()));
  const bool fits =
      (language.size() == 2 || language.size() == 3) && std::all_of(language.begin(), language.end(), is_lower) &&
      (hyphen == text.size() || (region.size() == 2 && std::all_of(region.begin(), region.end(), is_upper)));
  if (fits) return text;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not a language", text), "Write it as de, or pt-BR.");
}

std::string canonical_keyboard(const std::string& text) { return std::string(contract::keyboard_of(text).name); }

}  // namespace rescue::netboot
