// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/spelling.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace rescue::credentials {
namespace {

constexpr std::size_t line_group = 4;
constexpr std::string_view capital = "capital ";

/// Words of the printable characters of ASCII from 0x20 to 0x7e; a capital letter has the word of its small one.
constexpr std::array<std::string_view, 0x7f - 0x20> character_words = {
    "blank",
    "exclamation mark",
    "double quote",
    "hash",
    "dollar",
    "percent",
    "ampersand",
    "single quote",
    "opening parenthesis",
    "closing parenthesis",
    "asterisk",
    "plus",
    "comma",
    "dash",
    "dot",
    "slash",
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "colon",
    "semicolon",
    "less than",
    "equals",
    "greater than",
    "question mark",
    "at sign",
    "alfa",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "golf",
    "hotel",
    "india",
    "juliett",
    "kilo",
    "lima",
    "mike",
    "november",
    "oscar",
    "papa",
    "quebec",
    "romeo",
    "sierra",
    "tango",
    "uniform",
    "victor",
    "whiskey",
    "x-ray",
    "yankee",
    "zulu",
    "opening bracket",
    "backslash",
    "closing bracket",
    "caret",
    "underscore",
    "backtick",
    "alfa",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "golf",
    "hotel",
    "india",
    "juliett",
    "kilo",
    "lima",
    "mike",
    "november",
    "oscar",
    "papa",
    "quebec",
    "romeo",
    "sierra",
    "tango",
    "uniform",
    "victor",
    "whiskey",
    "x-ray",
    "yankee",
    "zulu",
    "opening brace",
    "vertical bar",
    "closing brace",
    "tilde",
};

constexpr bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

std::string_view word_of(char c) {
  if (c < ' ' || c > '~') {
    throw Error(ErrorCode::usage, "a character of the password has no name", "Read it out as it is shown.");
  }
  return character_words[static_cast<std::size_t>(c - ' ')];
}

/// Calls `put` with each piece of the text. Called twice, for the size and for the bytes: no buffer ever grows, which
/// would leave a copy of the password in memory.
template <class Put>
void spell(std::string_view password, const Put& put) {
  for (std::size_t at = 0; at < password.size(); at += line_group) {
    const auto group = password.substr(at, line_group);
    put(group);
    constexpr std::string_view blanks = "      ";
    put(blanks.substr(0, line_group - group.size() + 2));
    for (std::size_t index = 0; index < group.size(); ++index) {
      if (index > 0) put(", ");
      if (is_capital(group[index])) put(capital);
      put(word_of(group[index]));
    }
    put("\n");
  }
}

}  // namespace

Secret spelled(const Secret& password) {
  std::size_t size = 0;
  spell(password.reveal(), [&size](std::string_view piece) { size += piece.size(); });
  Secret text(size);
  char* end = text.data();
  spell(password.reveal(), [&end](std::string_view piece) { end = std::copy(piece.begin(), piece.end(), end); });
  return text;
}

}  // namespace rescue::credentials
