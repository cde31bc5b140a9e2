// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/inf.hpp"
#include "images/windows/inf_text.hpp"
#include "tests/unit/windows/media_builder.hpp"

#include <gmock/gmock.h>

namespace rescue::windows {
namespace {

using testing::ElementsAre;

std::string big_endian(std::string little) {
  for (std::size_t i = 0; i + 1 < little.size(); i += 2) std::swap(little[i], little[i + 1]);
  return little;
}

TEST(Inf, ReadsEveryEncodingThatWindowsTakes) {
  const auto text = tests::inf_text("02/26/2025,100.97.104.27100");
  const auto utf16 = utf16_of(text);
  for (const auto& [encoding, bytes] : {std::pair<const char*, std::string>{"UTF-8", text},
                                        {"UTF-8 with a mark", "\xEF\xBB\xBF" + text},
                                        {"UTF-16 with a mark", "\xFF\xFE" + utf16},
                                        {"UTF-16 without a mark", utf16},
                                        {"big endian", "\xFE\xFF" + big_endian(utf16)},
                                        {"Latin-1", "; \xA9 Red Hat\r\n" + text}}) {
    const auto inf = Inf::parse(bytes);
    EXPECT_EQ(inf.value("Version", "DriverVer"), "02/26/2025,100.97.104.27100") << encoding;
    EXPECT_EQ(inf.value("VERSION", "provider"), "Red Hat, Inc.") << encoding;
  }
}

TEST(Inf, KeepsCharactersOfOtherLanguages) {
  const std::string text = "[Strings]\nName=\"Größe \xE2\x82\xAC \xF0\x9F\x92\xBE\"\n";
  EXPECT_EQ(Inf::parse("\xFF\xFE" + utf16_of(text)).value("Strings", "Name"), "Größe \xE2\x82\xAC \xF0\x9F\x92\xBE");
  EXPECT_EQ(Inf::parse("[Strings]\nName=Gr\xF6\xDF"
                       "e\n")
                .value("Strings", "Name"),
            "Größe");
}

TEST(Inf, FollowsTheRulesForQuotesCommentsAndStrings) {
  const auto inf = Inf::parse("[A]\n"
                              "quoted = \"a; b \"\"c\"\"\" ; comment\n"
                              "percent = 100%%\n"
                              "unknown = %nothing% %open\n"
                              "named = %Vendor% x\n"
                              "long = a,\\\n"
                              "   b\n"
                              "twice = 1\n"
                              "twice = 2\n"
                              "[strings]\n"
                              "vendor = \"Red Hat\"\n"
                              "[a]\n"
                              "later = 3\n");
  EXPECT_EQ(inf.value("A", "Quoted"), "a; b \"c\"");
  EXPECT_EQ(inf.value("A", "percent"), "100%");
  EXPECT_EQ(inf.value("A", "unknown"), "%nothing% %open");
  EXPECT_EQ(inf.value("A", "named"), "Red Hat x");
  EXPECT_EQ(inf.value("A", "long"), "a,b");
  EXPECT_EQ(inf.value("A", "twice"), "1");
  EXPECT_EQ(inf.value("A", "later"), "3") << "a section can be in several places";
  EXPECT_FALSE(inf.value("A", "absent"));
  EXPECT_FALSE(inf.value("B", "quoted"));
}

TEST(Inf, SplitsRowsAtCommasOutsideOfQuotes) {
  const auto inf = Inf::parse("[Manufacturer]\r\n%V% = Models, NTamd64.10.0\r\n[Strings]\r\nV=\"Red Hat, Inc.\"\r\n");
  EXPECT_THAT(inf.rows("manufacturer"), ElementsAre(ElementsAre("Models", "NTamd64.10.0")));
  EXPECT_THAT(Inf::parse("[A]\nx=\"a, b\",c").rows("A"), ElementsAre(ElementsAre("a, b", "c")));
}

TEST(Inf, TakesAnyBytes) {
  for (const std::string& bytes :
       {std::string(), std::string("\xFF\xFE"), std::string("["), std::string("]"), std::string("[\n=\n%"),
        std::string("\xFF\xFE\x00\xD8", 4), std::string(3000, '\0'), std::string("a\\"), std::string("\"=;[\n\"")}) {
    EXPECT_FALSE(Inf::parse(bytes).value("Version", "DriverVer"));
  }
}

/// Windows limits a line to 4,096 characters; an INF of a few MiB could otherwise ask for terabytes.
TEST(Inf, LimitsWhatStringsMakeOfAValue) {
  std::string text = "[Version]\nDriverVer=";
  for (int i = 0; i < 20'000; ++i) text += "%a%";
  text += "\n[Manufacturer]\nx=";
  for (int i = 0; i < 20'000; ++i) text += "%b%";
  text += "\n[Strings]\na=" + std::string(20'000, 'a') + "\nb=\n";
  const auto inf = Inf::parse(text);
  EXPECT_LE(inf.value("Version", "DriverVer")->size(), 65'536U);
  EXPECT_THAT(inf.rows("Manufacturer"), ElementsAre(ElementsAre("")));
}

TEST(DriverVer, IsReadAsMicrosoftDocumentsIt) {
  const auto version = driver_version_of(" 2/6/2025 , 100.97.104.27100");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->date, "2025-02-06");
  EXPECT_EQ(version->text, "100.97.104.27100");
  EXPECT_EQ(version->virtio_build(), 271U);
  EXPECT_EQ(driver_version_of("11-28-2025,100.103.104.29512")->virtio_build(), 295U);
  for (const auto* bad : {"", "2025", "02/26/2025", "13/01/2025,1.0", "02/40/2025,1.0", "02/26/2025,", "02/26/2025,1.x",
                          "02/26/2025,1.2.3.4.5", "02/26/2025,99999999999.1", "a/b/c,1"}) {
    EXPECT_FALSE(driver_version_of(bad)) << bad;
  }
}

TEST(DriverVer, HasAVirtioBuildInVirtioWinsFormOnly) {
  EXPECT_FALSE(driver_version_of("02/26/2025,62.77.104.17100")->virtio_build());
  EXPECT_FALSE(driver_version_of("02/26/2025,10.0.26100.1")->virtio_build());
  EXPECT_FALSE(driver_version_of("02/26/2025,100.6.101")->virtio_build());
}

}  // namespace
}  // namespace rescue::windows
