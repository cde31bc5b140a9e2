// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/install_image.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/windows/media_builder.hpp"
#include "tests/unit/windows/udf_image.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace rescue::windows {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Editions : public testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_media()) GTEST_SKIP() << "needs genisoimage, wimtools, msitools and libarchive-tools";
  }

  [[nodiscard]] static InstallImage read(const std::string& path) {
    return read_install_image(*media::open_medium(path), RESCUE_WIM);
  }
  [[nodiscard]] static Error error_of(const std::string& path) {
    return tests::error_of([&] { (void)read(path); });
  }

  tests::MediaBuilder builder;
};

void expect_server_2022(const InstallImage& image) {
  ASSERT_EQ(image.editions.size(), 4U);
  const auto& desktop = image.editions[1];
  EXPECT_EQ(desktop.index, 2U);
  EXPECT_EQ(desktop.name, "Windows Server 2022 SERVERSTANDARD");
  EXPECT_EQ(desktop.title(), "Windows Server 2022 Standard (Desktop Experience)");
  EXPECT_EQ(desktop.edition_id, "ServerStandard");
  EXPECT_EQ(desktop.architecture, "amd64");
  EXPECT_EQ(desktop.build, 20348U);
  EXPECT_EQ(desktop.revision, 1742U);
  EXPECT_THAT(desktop.languages, ElementsAre("en-US"));
  EXPECT_EQ(desktop.default_language, "en-US");
  EXPECT_FALSE(desktop.is_core());
  EXPECT_TRUE(image.editions[0].is_core());
}

TEST_F(Editions, AreReadFromAWimOnTheUdfSideOfAnIso) {
  const auto tree = builder.windows_tree("tree", tests::server_editions(20348, "2022"));
  const auto image = read(builder.udf_iso("windows.iso", tree));
  EXPECT_EQ(image.path, "sources/install.wim");
  expect_server_2022(image);
}

TEST_F(Editions, AreReadFromASolidEsd) {
  builder.wim("tree/sources/install.esd", tests::server_editions(20348, "2022"), true);
  const auto image = read(builder.udf_iso("windows.iso", builder.path("tree")));
  EXPECT_EQ(image.path, "sources/install.esd");
  expect_server_2022(image);
}

TEST_F(Editions, AreReadFromASplitWimOfWhichEveryPartIsThere) {
  const auto wim = builder.wim("whole.wim", tests::server_editions(20348, "2022"));
  const auto parts = builder.split(wim, builder.path("tree/sources"));
  ASSERT_GE(parts, 2U);
  const auto image = read(builder.path("tree"));
  EXPECT_EQ(image.parts, parts);
  expect_server_2022(image);
}

TEST_F(Editions, NameAPartOfASplitWimThatIsNotThere) {
  const auto wim = builder.wim("whole.wim", tests::server_editions(20348, "2022"));
  (void)builder.split(wim, builder.path("tree/sources"));
  std::filesystem::remove(builder.path("tree/sources/install2.swm"));
  EXPECT_THAT(error_of(builder.path("tree")).what(), HasSubstr("lacks sources/install2.swm"));
}

TEST_F(Editions, RefuseALaterPartOfASplitWim) {
  const auto wim = builder.wim("whole.wim", tests::server_editions(20348, "2022"));
  (void)builder.split(wim, builder.path("tree/sources"));
  std::filesystem::rename(builder.path("tree/sources/install2.swm"), builder.path("tree/sources/install.swm"));
  EXPECT_THAT(error_of(builder.path("tree")).what(), HasSubstr("is part 2 of a split image"));
}

/// Moves the XML and the table of blobs of a small WIM file behind 4 GiB.
TEST_F(Editions, AreReadFromAWimOfMoreThanFourGigabytes) {
  constexpr std::uint64_t size = (4ULL << 30U) + (123ULL << 20U);
  const auto tree = builder.windows_tree("tree", tests::server_editions(20348, "2022"));
  std::ifstream in(tree + "/sources/install.wim", std::ios::binary);
  std::string wim{std::istreambuf_iterator<char>(in), {}};
  std::string header = wim.substr(0, 208);
  for (const std::size_t resource : {0x30U, 0x48U}) {
    std::uint64_t offset = 0;
    std::memcpy(&offset, header.data() + resource + 8, sizeof offset);
    offset += size - wim.size();
    std::memcpy(header.data() + resource + 8, &offset, sizeof offset);
  }
  const auto iso = builder.udf_iso("windows.iso", tree);
  tests::overwrite_udf_file(iso, wim.size(), header);
  tests::grow_udf_file(iso, wim.size(), size, wim.substr(208));
  expect_server_2022(read(iso));
  EXPECT_EQ(media::open_medium(iso)->find("sources/install.wim")->size, size);
}

TEST_F(Editions, RefuseMediaThatAreNotMicrosofts) {
  const auto empty =
      error_of(builder.plain_iso("debian.iso", std::filesystem::path(builder.write("d/dists/x", "x")).parent_path()));
  EXPECT_EQ(empty.code(), ErrorCode::precondition);
  EXPECT_THAT(empty.what(), HasSubstr("is not an installation medium of Windows"));
  builder.write("both/x64/sources/install.wim", "");
  EXPECT_THAT(error_of(builder.path("both")).hint(), HasSubstr("two architectures"));
  for (const auto& content : {std::string(), std::string(1000, 'x')}) {
    std::filesystem::remove_all(builder.path("bad"));
    builder.write("bad/sources/install.wim", content);
    EXPECT_THAT(error_of(builder.path("bad")).what(), HasSubstr("is no WIM file"));
  }
}

TEST_F(Editions, RefuseAWimThatIsCutOffOrDamaged) {
  const auto tree = builder.windows_tree("tree", tests::server_editions(20348, "2022"));
  const auto wim = tree + "/sources/install.wim";
  const auto size = std::filesystem::file_size(wim);
  {
    std::fstream file(wim, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size - 600));
    file << std::string(600, '\xff');
  }
  EXPECT_THAT(error_of(tree).what(), HasSubstr("can't be read as a WIM file"));
  std::filesystem::resize_file(wim, size - 10);
  EXPECT_THAT(error_of(tree).what(), HasSubstr("is cut off or damaged"));
}

TEST_F(Editions, SurviveDamagedMetadata) {
  const auto tree = builder.windows_tree("tree", tests::server_editions(20348, "2022"));
  const auto wim = tree + "/sources/install.wim";
  std::ifstream in(wim, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    auto damaged = whole;
    const auto range = round % 2 == 0 ? std::size_t{208} : whole.size();  // header, or all
    for (unsigned i = 0; i < 1 + random() % 4; ++i) damaged[random() % range] = static_cast<char>(random());
    std::ofstream(wim, std::ios::binary) << damaged;
    try {
      (void)read(tree);
    } catch (const Error& error) {
      EXPECT_NE(error.code(), ErrorCode::subprocess) << "rescue-wim crashed: " << error.what();
    }
  }
}

TEST_F(Editions, RefuseAWimWithoutWindows) {
  builder.wim("tree/sources/install.wim", {{"Tools", "Tools", "", "", "", 0, 9, {"en-US"}}});
  EXPECT_THAT(error_of(builder.path("tree")).what(), HasSubstr("has no edition of Windows"));
}

std::vector<Edition> four() {
  std::vector<Edition> editions(4);
  unsigned index = 0;
  for (const auto& facts : tests::server_editions(20348, "2022")) {
    auto& edition = editions[index];
    edition.index = ++index;
    edition.name = facts.name;
    edition.display_name = facts.display_name;
    edition.edition_id = facts.edition_id;
    edition.flags = facts.flags;
    edition.installation_type = facts.installation_type;
    edition.architecture = "amd64";
    edition.build = facts.build;
  }
  return editions;
}

TEST(EditionChoice, TakesANumberOrANameInAnyCase) {
  const auto editions = four();
  EXPECT_EQ(choose_edition(editions, "3").index, 3U);
  EXPECT_EQ(choose_edition(editions, "windows server 2022 serverstandard").index, 2U);
  EXPECT_EQ(choose_edition(editions, "Windows Server 2022 Datacenter (Desktop Experience)").index, 4U);
  EXPECT_EQ(choose_edition(editions, "ServerDatacenterCore").index, 3U);
  EXPECT_EQ(choose_edition(editions, "serverstandard").index, 2U) << "the flags are more exact than the edition id";
}

TEST(EditionChoice, ListsAllWhenNoneIsMeant) {
  for (const std::string wanted : {"", "0", "5", "Essentials"}) {
    const auto error = tests::error_of([&] { (void)choose_edition(four(), wanted); });
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_THAT(error.what(), HasSubstr("'" + wanted + "' is not on the medium"));
    EXPECT_THAT(error.hint(), HasSubstr("4  Windows Server 2022 Datacenter (Desktop Experience)"));
  }
}

TEST(EditionChoice, AsksWhenMoreThanOneIsMeant) {
  auto editions = four();
  for (auto& edition : editions) edition.flags.clear();
  const auto error = tests::error_of([&] { (void)choose_edition(editions, "ServerStandard"); });
  EXPECT_THAT(error.what(), HasSubstr("means more than one edition"));
}

Edition edition(unsigned build, const std::string& type = "Server", const std::string& architecture = "amd64") {
  Edition made;
  made.name = "Windows";
  made.build = build;
  made.installation_type = type;
  made.architecture = architecture;
  return made;
}

TEST(EditionSupport, KnowsServersByTheirBuild) {
  EXPECT_EQ(supported_release(edition(14393), false), Release::server_2016);
  EXPECT_EQ(supported_release(edition(17763), false), Release::server_2019);
  EXPECT_EQ(supported_release(edition(20348, "Server Core"), false), Release::server_2022);
  EXPECT_EQ(supported_release(edition(26100), false), Release::server_2025);
}

TEST(EditionSupport, TakesClientsByOptionOnly) {
  const auto error = tests::error_of([&] { (void)supported_release(edition(26100, "Client"), false); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.hint(), HasSubstr("--client"));
  EXPECT_EQ(supported_release(edition(19045, "Client"), true), Release::windows_10);
  EXPECT_EQ(supported_release(edition(22631, "Client"), true), Release::windows_11);
  EXPECT_EQ(supported_release(edition(26100, "Client"), true), Release::windows_11);
}

TEST(EditionSupport, RefusesOtherArchitecturesAndBuilds) {
  for (const auto* architecture : {"x86", "arm64", "arm", ""}) {
    const auto error = tests::error_of([&] { (void)supported_release(edition(20348, "Server", architecture), true); });
    EXPECT_THAT(error.what(), HasSubstr("architecture"));
  }
  for (const unsigned build : {9600U, 17134U, 25398U, 99999U}) {
    const auto error = tests::error_of([&] { (void)supported_release(edition(build), true); });
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(build)));
    EXPECT_THAT(error.hint(), HasSubstr("Windows Server 2025 (build 26100)"));
  }
  EXPECT_THROW((void)supported_release(edition(9600, "Client"), true), Error);
}

}  // namespace
}  // namespace rescue::windows
