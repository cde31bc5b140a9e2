// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace rescue {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

/// Unicode 15: default-ignorable, format and separator characters, and what has no glyph by definition.
constexpr std::array<Range, 24> unseen{{
    {0x0080, 0x009f},    // C1 controls
    {0x00ad, 0x00ad},    // soft hyphen
    {0x034f, 0x034f},    // combining grapheme joiner
    {0x0600, 0x0605},    // Arabic number signs
    {0x061c, 0x061c},    // Arabic letter mark
    {0x06dd, 0x06dd},    // Arabic end of ayah
    {0x070f, 0x070f},    // Syriac abbreviation mark
    {0x115f, 0x1160},    // Hangul fillers
    {0x17b4, 0x17b5},    // Khmer inherent vowels
    {0x180b, 0x180f},    // Mongolian selectors
    {0x200b, 0x200f},    // zero width, directional marks
    {0x2028, 0x202e},    // line and paragraph separators, bidirectional embedding
    {0x2060, 0x206f},    // word joiner, isolates, deprecated format characters
    {0x3164, 0x3164},    // Hangul filler
    {0xfdd0, 0xfdef},    // noncharacters
    {0xfe00, 0xfe0f},    // variation selectors
    {0xfeff, 0xfeff},    // byte order mark
    {0xffa0, 0xffa0},    // halfwidth Hangul filler
    {0xfff0, 0xfffb},    // interlinear annotation
    {0x110bd, 0x110cd},  // Kaithi number signs
    {0x13430, 0x1343f},  // Egyptian format controls
    {0x1bca0, 0x1bca3},  // shorthand format controls
    {0x1d173, 0x1d17a},  // musical format controls
    {0xe0000, 0xe0fff},  // tags, more selectors
}};

bool is_unseen(char32_t character) {
  const auto in = [&](const Range& range) { return character >= range.first && character <= range.last; };
  return character < 0x20 || character == 0x7f || (character & 0xfffe) == 0xfffe ||
         std::any_of(unseen.begin(), unseen.end(), in);
}

/// True for characters that Unicode counts as blank, and for line ends of a terminal.
bool is_blank(char32_t character) {
  return character == ' ' || (character >= '\t' && character <= '\r') || character == 0x85 || character == 0xa0 ||
         character == 0x1680 || (character >= 0x2000 && character <= 0x200a) || character == 0x2028 ||
         character == 0x2029 || character == 0x202f || character == 0x205f || character == 0x3000;
}

struct Decoded {
  char32_t character;
  std::size_t size;
};

/// Decodes the first character; none if it is not in shortest form, a surrogate, past U+10FFFF or cut off.
std::optional<Decoded> decode(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes.front());
  if (lead < 0x80) return Decoded{lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes.size() < size) return std::nullopt;
  char32_t character = lead & (0x7fU >> size);
  for (const char next : bytes.substr(1, size - 1)) {
    const auto byte = static_cast<unsigned char>(next);
    if ((byte & 0xc0U) != 0x80U) return std::nullopt;
    character = (character << 6U) | (byte & 0x3fU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (character < least.at(size) || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff)) {
    return std::nullopt;
  }
  return Decoded{character, size};
}

/// Removes the first character of `bytes` and returns its printable form.
std::string take(std::string_view& bytes) {
  const auto decoded = decode(bytes);
  const auto own = bytes.substr(0, decoded ? decoded->size : 1);
  bytes.remove_prefix(own.size());
  if (!decoded || decoded->character < 0x80) {
    const auto byte = static_cast<unsigned char>(own.front());
    return decoded && !is_unseen(decoded->character) ? std::string(own) : fmt::format("\\x{:02x}", byte);
  }
  if (!is_unseen(decoded->character)) return std::string(own);
  return fmt::format("\\u{:04x}", static_cast<std::uint32_t>(decoded->character));
}

/// Skips blanks; true if there were any.
bool skip_blanks(std::string_view& bytes) {
  const auto before = bytes.size();
  while (!bytes.empty()) {
    const auto next = decode(bytes);
    if (!next || !is_blank(next->character)) break;
    bytes.remove_prefix(next->size);
  }
  return bytes.size() != before;
}

}  // namespace

std::string printable(std::string_view bytes, std::size_t most) {
  constexpr std::string_view more = "...";
  std::string text;
  std::size_t with_room = 0;  // longest prefix that leaves room for `more`
  for (;;) {
    const bool apart = skip_blanks(bytes) && !text.empty();
    if (bytes.empty()) return text;
    const auto next = (apart ? " " : "") + take(bytes);
    if (text.size() + next.size() > most) break;
    text += next;
    if (text.size() + more.size() <= most) with_room = text.size();
  }
  if (most < more.size()) return text;
  text.resize(with_room);
  return text += more;
}

std::string printable_lines(std::string_view bytes, std::size_t most) {
  std::string text;
  while (!bytes.empty() && text.size() < most) {
    const auto end = bytes.find('\n');
    text += printable(bytes.substr(0, end), most - text.size());
    if (end == std::string_view::npos) break;
    if (text.size() < most) text += '\n';
    bytes.remove_prefix(end + 1);
  }
  return text;
}

}  // namespace rescue
