// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/rescue_request.hpp"

#include "contract/session.hpp"
#include "core/base64.hpp"
#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

/// True if the key itself names its type: a length of four bytes, then the name.
bool says_type(const std::string& key, std::string_view type) {
  constexpr std::size_t length_bytes = 4;
  if (key.size() < length_bytes + type.size()) return false;
  return key.substr(0, length_bytes) == std::string{'\0', '\0', '\0', static_cast<char>(type.size())} &&
         key.compare(length_bytes, type.size(), type) == 0;
}

}  // namespace

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

std::string canonical_keyboard(const std::string& text) {
  constexpr std::size_t longest = 20;
  const auto is_allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
  if (!text.empty() && text.size() <= longest && is_lower(text.front()) &&
      std::all_of(text.begin(), text.end(), is_allowed)) {
    return text;
  }
  throw Error(ErrorCode::usage, fmt::format("'{}' is not a keyboard layout", text), "Write it as de, or en-us.");
}

std::string canonical_ssh_key(const std::string& text) {
  constexpr std::array<std::string_view, 7> types{"ssh-ed25519",
                                                  "ssh-rsa",
                                                  "ecdsa-sha2-nistp256",
                                                  "ecdsa-sha2-nistp384",
                                                  "ecdsa-sha2-nistp521",
                                                  "sk-ssh-ed25519@openssh.com",
                                                  "sk-ecdsa-sha2-nistp256@openssh.com"};
  constexpr std::size_t longest = 8192;
  const auto type = text.substr(0, text.find(' '));
  const auto rest = text.substr(std::min(type.size() + 1, text.size()));
  const auto key = bytes_of_base64(rest.substr(0, rest.find(' '))).value_or("");
  const bool fits = text.size() <= longest && std::find(types.begin(), types.end(), type) != types.end() &&
                    says_type(key, type) &&
                    std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (fits) return text;
  throw Error(ErrorCode::usage, "this is not an SSH public key",
              "Send the line of a .pub file, as ssh-keygen writes it, without options before it.");
}

}  // namespace rescue::netboot
