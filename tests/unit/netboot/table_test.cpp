// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/table.hpp"

#include <gtest/gtest.h>

namespace rescue::netboot::cli {
namespace {

TEST(Table, AlignsItsColumns) {
  EXPECT_EQ(table({{"NAME", "MODE"}, {"a", "disk"}, {"longer-name", ""}}), "NAME         MODE\n"
                                                                           "a            disk\n"
                                                                           "longer-name  -\n");
}

TEST(Table, ShowsItsHeadingWhenItIsEmpty) { EXPECT_EQ(table({{"NAME", "MODE"}}), "NAME  MODE\n"); }

}  // namespace
}  // namespace rescue::netboot::cli
