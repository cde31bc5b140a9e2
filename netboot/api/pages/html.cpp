// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/pages/html.hpp"

#include "core/utf8.hpp"

namespace rescue::netboot::api {
namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// Entity of a character that means something in HTML; empty for others.
std::string_view entity_of(char c) {
  switch (c) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  case '`':
    return "&#96;";
  default:
    return {};
  }
}

bool is_control_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7f;
}

void append_escaped(std::string& html, std::string_view utf8) {
  for (const char c : utf8) {
    const auto entity = entity_of(c);
    if (!entity.empty()) {
      html += entity;
    } else if (is_control_character(c)) {
      html += replacement_character;
    } else {
      html += c;
    }
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  while (!text.empty()) {
    const auto valid = utf8_prefix(text);
    append_escaped(html, text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) break;
    html += replacement_character;
    text.remove_prefix(1);
  }
  return html;
}

Html& Html::attribute(Markup name, std::string_view value) {
  *this << " " << name << "=\"";
  text(value);
  return *this << "\"";
}

}  // namespace rescue::netboot::api
