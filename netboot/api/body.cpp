// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/body.hpp"

#include "core/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

constexpr auto source = "request body";
constexpr auto utf8_hint = "Send it in UTF-8; in a spreadsheet save it as 'CSV UTF-8'.";

bool has_order_mark(const std::string& body, std::string_view mark) { return body.starts_with(mark); }

/// True for ASCII in UTF-16: every second byte is NUL.
bool has_bytes_of_utf16(const std::string& body) {
  constexpr std::size_t looked_at = 4;
  if (body.size() < looked_at) return false;
  return (body[0] == '\0' && body[2] == '\0' && body[1] != '\0') ||
         (body[1] == '\0' && body[3] == '\0' && body[0] != '\0');
}

std::string fault_at(const std::string& body, std::size_t at) {
  const auto line = 1 + std::count(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  const auto byte = static_cast<unsigned char>(body[at]);
  return fmt::format("{}:{}: the byte 0x{:02X} is not UTF-8: this looks like Windows-1252 or ISO 8859-1 (Latin-1)",
                     source, line, byte);
}

void refuse_nul(const nlohmann::json& value, const std::string& path) {
  if (value.is_string()) {
    if (value.get_ref<const std::string&>().find('\0') == std::string::npos) return;
    throw Error(ErrorCode::usage, fmt::format("{}: {}: must not hold NUL characters", source, path));
  }
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) refuse_nul(value[i], fmt::format("{}[{}]", path, i));
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.items()) refuse_nul(member, path.empty() ? key : path + "." + key);
  }
}

}  // namespace

void require_utf8(const std::string& body, std::string_view what) {
  using namespace std::string_view_literals;
  const auto is = what.empty() ? std::string("is not UTF-8") : fmt::format("is not valid {}", what);
  if (has_order_mark(body, "\xff\xfe\0\0"sv) || has_order_mark(body, "\0\0\xfe\xff"sv)) {
    throw Error(ErrorCode::usage, fmt::format("{}: {}: this is UTF-32", source, is), utf8_hint);
  }
  if (has_order_mark(body, "\xff\xfe"sv) || has_order_mark(body, "\xfe\xff"sv) || has_bytes_of_utf16(body)) {
    throw Error(ErrorCode::usage, fmt::format("{}: {}: this is UTF-16", source, is), utf8_hint);
  }
  if (const auto at = utf8_prefix(body); at < body.size()) {
    auto fault = fault_at(body, at);
    if (!what.empty()) fault += fmt::format(", and {}", is);
    throw Error(ErrorCode::usage, fault, utf8_hint);
  }
}

void refuse_nul(const Document& document) { refuse_nul(document.root().json(), ""); }

}  // namespace rescue::netboot::api
