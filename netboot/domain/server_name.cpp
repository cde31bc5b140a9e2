// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/server_name.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace rescue::netboot {
namespace {

constexpr std::size_t longest = 63;

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_host_name(std::string_view text) {
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? !is_plain(before) : c == '-' ? before == '.' : !is_plain(c)) return false;
    before = c;
  }
  return is_plain(before);
}

}  // namespace

ServerName ServerName::parse(std::string_view text) {
  constexpr auto hint = "Use lower-case letters, digits, '-' and '.', 63 characters at most, as in web-01.";
  if (text.empty()) throw Error(ErrorCode::usage, "the server's name is empty", hint);
  if (text.size() > longest) throw Error(ErrorCode::usage, "the server's name is longer than 63 characters", hint);
  if (!is_host_name(text)) throw Error(ErrorCode::usage, fmt::format("'{}' is not a server's name", text), hint);
  return ServerName(std::string(text));
}

}  // namespace rescue::netboot
