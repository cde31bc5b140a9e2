// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "netboot/domain/mac_address.hpp"

#include <gtest/gtest.h>

namespace rescue::netboot {
namespace {

TEST(MacAddress, IsReadInEverySpelling) {
  for (const auto* const text : {"52:54:00:ab:cd:ef", "52:54:00:AB:CD:EF", "52-54-00-ab-cd-ef", "52.54.00.ab.cd.ef",
                                 "5254.00ab.cdef", "5254-00AB-CDEF", "5254:00ab:cdef", "525400-abcdef", "525400abcdef",
                                 "01-52-54-00-ab-cd-ef", "52 54 00 AB CD EF", "52:54:0:ab:cd:ef", "52-54-0-ab-cd-ef",
                                 "52 54 0 ab cd ef", "525400 ABCDEF", "5254 00ab cdef"}) {
    const auto mac = MacAddress::try_parse(text);
    ASSERT_TRUE(mac) << text;
    EXPECT_EQ(mac->text(), "52:54:00:ab:cd:ef") << text;
  }
}

TEST(MacAddress, IsNothingElse) {
  for (const auto* const text : {"",
                                 "52",
                                 "52:54:00:ab:cd",
                                 "52:54:00:ab:cd:ef:",
                                 ":52:54:00:ab:cd:ef",
                                 "52:54:00:ab:cd:eg",
                                 "52:54-00:ab:cd:ef",
                                 "52:54:0:ab:cd",
                                 "52:54:000:ab:cd:f",
                                 "52:54:0:ab:cd:ef:",
                                 "52:54:0:ab-cd:ef",
                                 "52:54::ab:cd:ef",
                                 "5:2:5:4:0:0:a:b:c:d:e:f",
                                 "52::54:00:ab:cd:ef",
                                 "525400abcde",
                                 "525400abcdef0",
                                 " 52:54:00:ab:cd:ef",
                                 "52:54:00:ab:cd:ef\n",
                                 "525:400:abc:def",
                                 "02-52-54-00-ab-cd-ef",
                                 "52:54:00:ab:cd:ef/..",
                                 "52540\357\274\220abcdef"}) {
    EXPECT_FALSE(MacAddress::try_parse(text)) << text;
  }
}

TEST(MacAddress, KeepsTheOctetsWhoseZerosAreLeftOut) {
  EXPECT_EQ(MacAddress::parse("90:e2:ba:4a:35:d").text(), "90:e2:ba:4a:35:0d");
  EXPECT_EQ(MacAddress::parse("0:1:2:a:b:c").text(), "00:01:02:0a:0b:0c");
  EXPECT_EQ(MacAddress::parse("00 12 37 F9 5B 7C").text(), "00:12:37:f9:5b:7c");
  EXPECT_FALSE(MacAddress::try_parse("0:0:0:0:0:0"));
  EXPECT_FALSE(MacAddress::try_parse("1:0:5e:0:0:1")) << "multicast";
}

TEST(MacAddress, IsTheAddressOfOneCard) {
  EXPECT_FALSE(MacAddress::try_parse("00:00:00:00:00:00"));
  EXPECT_FALSE(MacAddress::try_parse("ff:ff:ff:ff:ff:ff"));
  EXPECT_FALSE(MacAddress::try_parse("01:00:5e:00:00:01")) << "multicast";
  EXPECT_TRUE(MacAddress::try_parse("02:00:00:00:00:01")) << "locally administered addresses are real";
}

TEST(MacAddress, SaysWhatIsWrong) {
  try {
    (void)MacAddress::parse("no-mac");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find("no-mac"), std::string::npos);
    EXPECT_FALSE(error.hint().empty());
  }
}

}  // namespace
}  // namespace rescue::netboot
