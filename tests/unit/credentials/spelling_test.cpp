// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/spelling.hpp"
#include "tests/doubles/thrown.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace rescue::tests {
namespace {

std::string spelling_of(std::string_view password) {
  return std::string(credentials::spelled(Secret(password)).reveal());
}

TEST(Spelling, ReadsOutGroupsOfFour) {
  EXPECT_EQ(spelling_of("Bxk7-t"), "Bxk7  capital bravo, x-ray, kilo, seven\n"
                                   "-t    dash, tango\n");
  EXPECT_EQ(spelling_of("abcd"), "abcd  alfa, bravo, charlie, delta\n");
  EXPECT_EQ(spelling_of(""), "");
}

TEST(Spelling, NamesEachPrintableCharacterDifferently) {
  std::set<std::string> words;
  for (char c = ' '; c <= '~'; ++c) {
    const auto line = spelling_of(std::string(1, c));
    ASSERT_EQ(line.substr(0, 6), std::string(1, c) + "     ");
    EXPECT_GT(line.size(), 9U) << "'" << c << "' has no word";
    EXPECT_TRUE(words.insert(line.substr(6)).second) << "'" << c << "' shares its word";
  }
  EXPECT_EQ(words.size(), 95U);
}

TEST(Spelling, StartsTheWordOfALetterWithTheLetter) {
  for (char c = 'a'; c <= 'z'; ++c) {
    const char capital = static_cast<char>(c - 'a' + 'A');
    EXPECT_EQ(spelling_of(std::string(1, c))[6], c);
    EXPECT_EQ(spelling_of(std::string(1, capital)).substr(6), "capital " + spelling_of(std::string(1, c)).substr(6));
  }
}

TEST(Spelling, RefusesWhatItCannotName) {
  for (const auto* const wrong : {"a\tb", "J\xc3\xbcrgen", "\x7f"}) {
    const auto error = error_of([&] { (void)credentials::spelled(Secret(std::string_view(wrong))); });
    EXPECT_EQ(error.code(), ErrorCode::usage) << wrong;
    EXPECT_EQ(std::string(error.what()).find(wrong), std::string::npos) << "the password is in the message";
  }
}

}  // namespace
}  // namespace rescue::tests
