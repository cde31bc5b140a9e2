// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/medium.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/windows/media_builder.hpp"
#include "tests/unit/windows/udf_image.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace rescue::media {
namespace {

using testing::HasSubstr;

class Media : public testing::Test {
protected:
  void SetUp() override {
    if (!tests::can_make_media()) GTEST_SKIP() << "needs genisoimage, wimtools, msitools and libarchive-tools";
  }

  [[nodiscard]] std::string small_tree() const {
    builder.write("tree/README.TXT", "readme");
    builder.write("tree/sources/install.wim", "image");
    builder.write("tree/efi/Microsoft/Boot/efisys_noprompt.bin", std::string(5000, 'b'));
    return builder.path("tree");
  }

  tests::MediaBuilder builder;
};

TEST_F(Media, ReadsFilesThatAreOnTheUdfSideOnly) {
  const auto medium = open_medium(builder.udf_iso("windows.iso", small_tree()));
  EXPECT_EQ(medium->form(), "UDF");
  ASSERT_EQ(medium->files().size(), 3U);
  const auto* image = medium->find("Sources/INSTALL.wim");
  ASSERT_NE(image, nullptr);
  EXPECT_EQ(image->path, "sources/install.wim");
  EXPECT_EQ(medium->read_all(*image, 100), "image");
  EXPECT_EQ(medium->read(*medium->find("efi/microsoft/boot/efisys_noprompt.bin"), 4998, 2), "bb");
}

TEST_F(Media, HasNoMoreThanTheReadmeOnTheOtherSideOfSuchAnImage) {
  const auto image = builder.udf_iso("windows.iso", small_tree());
  std::ifstream in(image, std::ios::binary);
  std::string bytes(std::filesystem::file_size(image), '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  EXPECT_THAT(bytes, HasSubstr("README.TXT;1"));
  EXPECT_THAT(bytes, testing::Not(HasSubstr("INSTALL.WIM;1")));
}

TEST_F(Media, ReadsTheEndOfAFileOfMoreThanFourGigabytes) {
  constexpr std::uint64_t size = (4ULL << 30U) + (300ULL << 20U) + 17;
  const auto image = builder.udf_iso("windows.iso", small_tree());
  tests::grow_udf_file(image, 5, size, "the end");
  const auto medium = open_medium(image);
  const auto* file = medium->find("sources/install.wim");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->size, size);
  EXPECT_EQ(medium->read(*file, size - 7, 7), "the end");
  EXPECT_EQ(medium->read(*file, 0, 5), "image");
  EXPECT_EQ(tests::error_of([&] { (void)medium->read(*file, size - 7, 8); }).code(), ErrorCode::io);
}

TEST_F(Media, ReadsIso9660WithoutUdfAndZipsAndFoldersAlike) {
  const auto tree = small_tree();
  for (const auto& [path, form] :
       {std::pair<std::string, std::string>{builder.plain_iso("plain.iso", tree), "ISO 9660"},
        {builder.zip("tree.zip", tree), "zip"},
        {tree, "folder"}}) {
    const auto medium = open_medium(path);
    EXPECT_EQ(medium->form(), form);
    EXPECT_EQ(medium->files().size(), 3U) << form;
    const auto* image = medium->find("sources/install.wim");
    ASSERT_NE(image, nullptr) << form;
    EXPECT_EQ(medium->read_all(*image, 100), "image") << form;
    EXPECT_EQ(medium->read(*image, 1, 3), "mag") << form;
    EXPECT_EQ(medium->below("EFI/microsoft").size(), 1U) << form;
    EXPECT_EQ(tests::error_of([&] { (void)medium->read(*image, 3, 3); }).code(), ErrorCode::io) << form;
  }
}

TEST_F(Media, RefusesWhatIsNoMedium) {
  EXPECT_EQ(tests::error_of([&] { (void)open_medium(builder.path("absent.iso")); }).code(), ErrorCode::precondition);
  for (const auto& content : {std::string(), std::string("<html>"), std::string(200'000, '\0')}) {
    const auto error = tests::error_of([&] { (void)open_medium(builder.write("page.iso", content)); });
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_THAT(error.what(), HasSubstr("is neither an ISO image nor a zip"));
    EXPECT_FALSE(error.hint().empty());
  }
  EXPECT_EQ(tests::error_of([&] { (void)open_medium(""); }).code(), ErrorCode::usage);
}

/// Opening a pipe would wait for a writer.
TEST_F(Media, RefusesAPipeWithoutWaitingForIt) {
  const auto pipe = builder.path("pipe.iso");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto error = tests::error_of([&] { (void)open_medium(pipe); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("is neither a file, a disk nor a folder"));
}

/// An operator may link a large install.wim into an unpacked tree.
TEST_F(Media, ListsLinkedFilesOfAFolderUnderTheirOwnNames) {
  const auto tree = small_tree();
  builder.write("store/large.wim", "linked");
  std::filesystem::create_symlink(builder.path("store/large.wim"), tree + "/sources/linked.wim");
  std::filesystem::create_symlink("nowhere", tree + "/dangling");
  std::filesystem::create_symlink("loop", tree + "/loop");
  for (const auto& path : {tree, tree + "/"}) {
    const auto medium = open_medium(path);
    ASSERT_EQ(medium->files().size(), 4U);
    const auto* linked = medium->find("sources/linked.wim");
    ASSERT_NE(linked, nullptr);
    EXPECT_EQ(medium->read_all(*linked, 100), "linked");
  }
}

TEST_F(Media, NamesTheReasonWhyAFileOfAFolderCannotBeRead) {
  const auto medium = open_medium(small_tree());
  std::filesystem::remove(builder.path("tree/README.TXT"));
  const auto error = tests::error_of([&] { (void)medium->read_all(*medium->find("README.TXT"), 100); });
  EXPECT_EQ(error.code(), ErrorCode::io);
  EXPECT_THAT(error.what(), HasSubstr("No such file or directory"));
}

TEST_F(Media, ReadsTheMiddleOfALargeFileInAnArchive) {
  std::string content;
  for (unsigned i = 0; i < 100'000; ++i) content += std::to_string(i);
  builder.write("tree/big.bin", content);
  const auto tree = builder.path("tree");
  for (const auto& path : {builder.plain_iso("plain.iso", tree), builder.zip("tree.zip", tree)}) {
    const auto medium = open_medium(path);
    for (const std::size_t offset : {std::size_t{0}, std::size_t{65'535}, std::size_t{200'001}, content.size() - 9}) {
      EXPECT_EQ(medium->read(*medium->find("big.bin"), offset, 9), content.substr(offset, 9)) << path << offset;
    }
  }
}

/// Files are copied to the guest's medium under their names.
TEST_F(Media, RefusesNamesThatLeadOutOfTheMedium) {
  for (const auto* prefix : {"../", "a/../../", "..\\", "/"}) {
    const auto zip = builder.zip_with_prefix("out.zip", small_tree(), prefix);
    const auto error = tests::error_of([&] { (void)open_medium(zip); });
    EXPECT_EQ(error.code(), ErrorCode::precondition) << prefix;
    EXPECT_THAT(error.what(), HasSubstr("leads out of the medium")) << prefix;
  }
}

/// Names are printed on terminals and in JSON.
TEST_F(Media, LeavesOutFilesWhoseNamesAreNotText) {
  const auto tree = small_tree();
  builder.write("tree/\x1b[31mred", "x");
  builder.write("tree/latin\xe9", "x");
  builder.write("tree/back\\slash", "x");
  EXPECT_EQ(open_medium(tree)->files().size(), 3U);
}

TEST_F(Media, RefusesAnImageThatIsCutOff) {
  builder.write("tree/big.bin", std::string(3U << 20U, 'x'));
  for (const auto& image : {builder.udf_iso("udf.iso", small_tree()), builder.plain_iso("plain.iso", small_tree())}) {
    std::filesystem::resize_file(image, 2U << 20U);
    const auto error = tests::error_of([&] { (void)open_medium(image); });
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_THAT(error.what(), HasSubstr("is cut off"));
  }
}

TEST_F(Media, NamesAFileThatIsLargerThanExpected) {
  const auto medium = open_medium(small_tree());
  const auto error = tests::error_of([&] { (void)medium->read_all(*medium->find("README.TXT"), 3); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("README.TXT has 6 bytes"));
}

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Opens an image and reads the beginning of each file; errors are fine.
void read_around(const std::string& path) {
  try {
    const auto medium = open_medium(path);
    for (const auto& file : medium->files()) {
      (void)medium->read(file, 0, static_cast<std::size_t>(std::min<std::uint64_t>(file.size, 10)));
    }
  } catch (const Error&) {
  }
}

TEST_F(Media, RefusesAFolderThatCannotBeRead) {
  auto bytes = content_of(builder.udf_iso("udf.iso", small_tree()));
  const auto name = bytes.find("install.wim");
  ASSERT_NE(name, std::string::npos);
  auto tag = name - name % 4;  // of the file's identifier: 257, aligned by 4
  while (bytes[tag] != 1 || bytes[tag + 1] != 1) tag -= 4;
  bytes[tag] = 7;
  testing::internal::CaptureStderr();
  const auto error = tests::error_of([&] { (void)open_medium(builder.write("damaged.iso", bytes)); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "libudfread writes there";
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("damaged.iso is damaged: udfread ERROR"));
}

/// Offset of the identifier (ECMA-167 4/14.4, tag 257, aligned by 4) of the next file with this name; npos at the end.
std::size_t identifier_of(const std::string& image, const std::string& name, std::size_t from) {
  const auto at = image.find("\x08" + name, from);
  if (at == std::string::npos) return at;
  auto tag = at - at % 4;
  while (image[tag] != 1 || image[tag + 1] != 1) tag -= 4;
  return tag;
}

/// Each folder is in its parent under twenty names: a few blocks with 20^6 paths.
TEST_F(Media, RefusesAVolumeThatIsSmallAndHasMillionsOfFolders) {
  std::string folder = "tree";
  for (int level = 0; level < 6; ++level, folder += "/d00") {
    for (int i = 0; i < 20; ++i) std::filesystem::create_directories(builder.path(fmt::format("{}/d{:02}", folder, i)));
  }
  auto bytes = content_of(builder.udf_iso("udf.iso", builder.path("tree")));
  constexpr std::size_t block = 24;  // of the folder's entry, in the identifier
  for (auto first = identifier_of(bytes, "d00", 0); first != std::string::npos;) {
    for (int i = 1; i < 20; ++i) {
      const auto other = identifier_of(bytes, fmt::format("d{:02}", i), first);
      ASSERT_NE(other, std::string::npos);
      bytes.replace(other + block, 4, bytes, first + block, 4);
    }
    first = identifier_of(bytes, "d00", first + 42);
  }
  const auto error = tests::error_of([&] { (void)open_medium(builder.write("folders.iso", bytes)); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), HasSubstr("is damaged"));
}

TEST_F(Media, SurvivesDamagedImages) {
  const auto tree = small_tree();
  std::mt19937 random(12);
  for (const auto& image :
       {builder.udf_iso("udf.iso", tree), builder.plain_iso("plain.iso", tree), builder.zip("a.zip", tree)}) {
    const auto whole = content_of(image);
    std::vector<std::size_t> used;
    for (std::size_t at = 0; at < whole.size(); ++at) {
      if (whole[at] != 0) used.push_back(at);
    }
    for (int round = 0; round < 150; ++round) {
      auto damaged = whole;
      for (unsigned i = 0; i < 1 + random() % 8; ++i)
        damaged[used[random() % used.size()]] = static_cast<char>(random());
      read_around(builder.write("damaged.iso", damaged));
    }
  }
}

}  // namespace
}  // namespace rescue::media
