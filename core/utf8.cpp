// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.hpp"

namespace rescue {
namespace {

/// Length of the first character; 0 if it is invalid. `bytes` must not be empty.
std::size_t length_of_first(std::string_view bytes) noexcept {
  const auto byte = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const bool is_too_long = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool is_no_character = (lead == 0xed && byte(1) >= 0xa0) || (lead == 0xf4 && byte(1) >= 0x90);
  return is_too_long || is_no_character ? 0 : length;
}

char32_t next_character(std::string_view utf8, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(utf8[i])); };
  const auto lead = byte(at);
  const std::size_t more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  constexpr char32_t masks[] = {0x7F, 0x1F, 0x0F, 0x07};
  char32_t c = lead & masks[more];
  for (std::size_t i = 1; i <= more; ++i) c = c << 6U | (byte(at + i) & 0x3FU);
  at += more + 1;
  return c;
}

void append_utf8(std::string& text, char32_t c) {
  const auto put = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  const auto more = [&](unsigned shift) { put(0x80U | (c >> shift & 0x3FU)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6U);
    more(0);
  } else if (c < 0x10000) {
    put(0xE0U | c >> 12U);
    more(6);
    more(0);
  } else {
    put(0xF0U | c >> 18U);
    more(12);
    more(6);
    more(0);
  }
}

}  // namespace

std::size_t utf8_prefix(std::string_view bytes) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto length = length_of_first(bytes.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

std::string utf16_of(std::string_view utf8) {
  std::string bytes;
  const auto put = [&bytes](char32_t unit) {
    bytes.push_back(static_cast<char>(unit & 0xFFU));
    bytes.push_back(static_cast<char>(unit >> 8U));
  };
  utf8 = utf8.substr(0, utf8_prefix(utf8));
  for (std::size_t at = 0; at < utf8.size();) {
    const auto c = next_character(utf8, at);
    if (c < 0x10000) {
      put(c);
    } else {
      put(0xD800 + ((c - 0x10000) >> 10U));
      put(0xDC00 + ((c - 0x10000) & 0x3FFU));
    }
  }
  return bytes;
}

std::string utf8_of_utf16(std::string_view utf16) {
  constexpr char32_t high_surrogate = 0xd800;
  constexpr char32_t low_surrogate = 0xdc00;
  constexpr char32_t after_surrogates = 0xe000;
  const auto unit_at = [&](std::size_t at) -> char32_t {
    if (at + 1 >= utf16.size()) return 0;
    return static_cast<unsigned char>(utf16[at]) | static_cast<char32_t>(static_cast<unsigned char>(utf16[at + 1]))
                                                       << 8U;
  };
  std::string text;
  for (std::size_t at = 0; unit_at(at) != 0; at += 2) {
    auto point = unit_at(at);
    const auto next = unit_at(at + 2);
    if (point >= high_surrogate && point < low_surrogate && next >= low_surrogate && next < after_surrogates) {
      point = 0x10000 + ((point - high_surrogate) << 10U) + (next - low_surrogate);
      at += 2;
    } else if (point >= high_surrogate && point < after_surrogates) {
      point = U'?';
    }
    append_utf8(text, point);
  }
  return text;
}

}  // namespace rescue
