// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/printable.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>

namespace rescue {
namespace {

constexpr std::size_t plenty = 1000;

TEST(Printable, KeepsTextOfEveryScript) {
  for (const auto* const text : {"", "Administrator", "host\\administrator", "caf\xc3\xa9", "\xe6\x97\xa5\xe6\x9c\xac",
                                 "\xd0\xa0\xd1\x83\xd1\x81", "\xf0\x9f\x96\xa5"}) {
    EXPECT_EQ(printable(text, plenty), text);
  }
}

TEST(Printable, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("\xff\xfe", plenty), "\\xff\\xfe");
  EXPECT_EQ(printable("a\xe4 b", plenty), "a\\xe4 b") << "Latin-1";
  EXPECT_EQ(printable("\xc0\xaf", plenty), "\\xc0\\xaf") << "not the shortest form";
  EXPECT_EQ(printable("\xe0\x80\xaf", plenty), "\\xe0\\x80\\xaf");
  EXPECT_EQ(printable("\xed\xa0\x80", plenty), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xf4\x90\x80\x80", plenty), "\\xf4\\x90\\x80\\x80") << "past the last character";
  EXPECT_EQ(printable("\xe6\x97", plenty), "\\xe6\\x97") << "cut off";
}

TEST(Printable, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(printable("\x1b[2Jgone", plenty), "\\x1b[2Jgone");
  EXPECT_EQ(printable(std::string_view("a\0b\x7f", 4), plenty), "a\\x00b\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J",
                      plenty),
            "\\u009b2J")
      << "the eight-bit CSI";
}

TEST(Printable, ShowsWhatCannotBeSeenOrTurnsTextAround) {
  EXPECT_EQ(printable("adm\xe2\x80\x8bin", plenty), "adm\\u200bin");
  EXPECT_EQ(printable("\xe2\x80\xaenimda", plenty), "\\u202enimda");
  EXPECT_EQ(printable("\xe2\x81\xa6x\xd8\x9c", plenty), "\\u2066x\\u061c");
  EXPECT_EQ(printable("\xef\xbb\xbf"
                      "a\xc2\xad",
                      plenty),
            "\\ufeffa\\u00ad");
  EXPECT_EQ(printable("\xf3\xa0\x81\x81\xef\xbf\xbf", plenty), "\\ue0041\\uffff");
}

TEST(Printable, IsOneLineWithoutBlanksAtItsEnds) {
  EXPECT_EQ(printable("\r\n  Access is denied.\r\n\tTry again\n", plenty), "Access is denied. Try again");
  EXPECT_EQ(printable("a\xc2\xa0\xe2\x80\xa8"
                      "b\xe3\x80\x80",
                      plenty),
            "a b");
  EXPECT_EQ(printable(" \n\t", plenty), "");
}

TEST(Printable, IsBoundedAndCutBetweenCharacters) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abc...");
  EXPECT_EQ(printable("abcde\xff", 8), "abcde...") << "no half of what stands for a byte";
  EXPECT_EQ(printable("ab\xe6\x97\xa5\xe6\x97\xa5", 7), "ab...") << "no half of a character";
  EXPECT_EQ(printable("abcdef   ", 6), "abcdef") << "blanks at the end are nothing that was cut";
  EXPECT_EQ(printable("abc", 2), "ab");
  EXPECT_EQ(printable("abc", 0), "");
  EXPECT_EQ(printable(std::string(1 << 24, '\xff'), 300).size(), 299U);
}

TEST(Printable, KeepsLinesWhereTheyAreWanted) {
  EXPECT_EQ(printable_lines("out\r\nerr\xff\n", plenty), "out\nerr\\xff\n");
  EXPECT_EQ(printable_lines("y\ny\ny\n", 4), "y\ny\n");
  EXPECT_EQ(printable_lines("\n\nabcdef\nx", 7), "\n\nab...");
  EXPECT_EQ(printable_lines("", plenty), "");
}

TEST(Printable, OfAnyBytesIsTextForJsonAndForItself) {
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same bytes at each run
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    const auto text = printable(bytes, plenty);
    EXPECT_EQ(nlohmann::json::parse(nlohmann::json(text).dump()), text);
    EXPECT_EQ(printable(text, plenty), text);
    EXPECT_LE(printable(bytes, 40).size(), 40U);
  }
}

}  // namespace
}  // namespace rescue
