// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/server.hpp"
#include "stored.hpp"

namespace rescue::netboot {
namespace {

TEST(ServerName, IsAHostName) {
  for (const auto* const text : {"a", "web-01", "web-01.dc2.example", "0", "x1--y"}) {
    EXPECT_EQ(ServerName::parse(text).text(), text);
  }
  for (const std::string text :
       {"", "Web", "-a", "a-", "a..b", ".a", "a.", "a_b", "a b", "a/b", "..", "a.-b", "w\303\251b", "a\n"}) {
    EXPECT_EQ(code_of([&] { (void)ServerName::parse(text); }), ErrorCode::usage) << text;
  }
  EXPECT_NO_THROW((void)ServerName::parse(std::string(63, 'a')));
  EXPECT_EQ(code_of([] { (void)ServerName::parse(std::string(64, 'a')); }), ErrorCode::usage);
}

TEST(ServerAddress, IsANumericAddressInItsCanonicalForm) {
  EXPECT_EQ(canonical_address("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(canonical_address("2001:DB8:0:0::7"), "2001:db8::7");
  for (const auto* const text : {"", "web-01", "203.0.113.7/24", "203.0.113", "1.2.3.4.5", "2001:db8::7%eth0"}) {
    EXPECT_EQ(code_of([&] { (void)canonical_address(text); }), ErrorCode::usage) << text;
  }
}

TEST(ServerLoader, CanBreakOutOfNoBootScript) {
  EXPECT_EQ(canonical_loader(R"(\EFI\Microsoft\Boot\bootmgfw.efi)"), R"(\EFI\Microsoft\Boot\bootmgfw.efi)");
  EXPECT_EQ(canonical_loader("/EFI/debian/shimx64.efi"), R"(\EFI\debian\shimx64.efi)");
  for (const auto* const text : {"", "\\", "EFI\\x.efi", "\\EFI\\a b.efi", "\\a || shell", "\\a\nshell",
                                 "\\${net0/mac}", "\\a;b", "\\a#b", "\\a&b"}) {
    EXPECT_EQ(code_of([&] { (void)canonical_loader(text); }), ErrorCode::usage) << text;
  }
}

}  // namespace
}  // namespace rescue::netboot
