// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <gtest/gtest.h>

namespace rescue::netboot::cli {
namespace {

TEST(Table, AlignsItsColumns) {
  EXPECT_EQ(table({{"NAME", "MODE"}, {"a", "disk"}, {"longer-name", ""}}), "NAME         MODE\n"
                                                                           "a            disk\n"
                                                                           "longer-name  -\n");
}

TEST(Table, ShowsNothingThatATerminalWouldObey) {
  EXPECT_EQ(table({{"STEP", "DETAIL"},
                   {"a\nb", "\x1b]0;title\x07"},
                   {"\xff", "\xe2\x80\xae"
                            "x"}}),
            "STEP  DETAIL\n"
            "a b   \\x1b]0;title\\x07\n"
            "\\xff  \\u202ex\n");
}

TEST(Facts, ShowNothingThatATerminalWouldObey) {
  EXPECT_EQ(facts({{"failure", "a\r\x1b[8mb"}, {"hint", "x\ny"}}), "failure:  a \\x1b[8mb\n"
                                                                   "hint:     x y\n");
}

TEST(Table, ShowsItsHeadingWhenItIsEmpty) { EXPECT_EQ(table({{"NAME", "MODE"}}), "NAME  MODE\n"); }

}  // namespace
}  // namespace rescue::netboot::cli
