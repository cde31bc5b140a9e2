// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/boot_mode.hpp"
#include "netboot/domain/uuid_number.hpp"

#include <gtest/gtest.h>

namespace rescue::netboot {
namespace {

TEST(UuidNumber, IsReadInEverySpellingOfFirmware) {
  constexpr UuidNumber expected{0x4c4c454400423510, 0x8056b4c04f463132};
  for (const auto* const text : {"4c4c4544-0042-3510-8056-b4c04f463132", "4C4C4544-0042-3510-8056-B4C04F463132",
                                 "4c4c4544004235108056b4c04f463132", "{4C4C4544-0042-3510-8056-B4C04F463132}"}) {
    EXPECT_EQ(UuidNumber::of(text), expected) << text;
  }
  EXPECT_EQ(expected.text(), "4c4c4544-0042-3510-8056-b4c04f463132");
  EXPECT_EQ((UuidNumber{0, 1}.text()), "00000000-0000-0000-0000-000000000001");
}

TEST(UuidNumber, IsNothingElse) {
  for (const auto* const text :
       {"", "{}", "4c4c4544", "4c4c45440-042-3510-8056-b4c04f463132", "4c4c4544-0042-3510-8056-b4c04f46313",
        "4c4c4544-0042-3510-8056-b4c04f46313g", "-c4c4544004235108056b4c04f463132", "+c4c4544004235108056b4c04f463132",
        "0x4c4544004235108056b4c04f463132", "4c4c4544 0042 3510 8056 b4c04f463132",
        "{4c4c4544-0042-3510-8056-b4c04f463132", "4c4c4544-0042-3510-8056-b4c04f463132\n"}) {
    EXPECT_FALSE(UuidNumber::of(text)) << text;
  }
}

TEST(BootModeName, IsSafeInUrlsLogsAndScripts) {
  for (const auto* const name :
       {"disk", "rescue-windows", "a", "0", "memtest86-7", "abcdefghijklmnopqrstuvwxyz012345"}) {
    const auto mode = BootMode::try_parse(name);
    ASSERT_TRUE(mode) << name;
    EXPECT_EQ(mode->name(), name);
  }
  for (const auto* const name :
       {"", "-a", "a-", "Disk", "a b", "a_b", "a.b", "a/b", "a\n", "\xc3\xa4", "abcdefghijklmnopqrstuvwxyz0123456"}) {
    EXPECT_FALSE(BootMode::try_parse(name)) << name;
  }
  EXPECT_EQ(BootMode::try_parse("disk"), BootMode::disk);
  EXPECT_NE(BootMode::try_parse("rescue-linux"), BootMode::rescue_windows);
}

}  // namespace
}  // namespace rescue::netboot
