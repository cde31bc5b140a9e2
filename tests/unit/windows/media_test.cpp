// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/media/medium.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/windows/media_builder.hpp"
#include "tests/unit/windows/udf_image.hpp"

#include <gmock/gmock.h>

#include <filesystem>

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
    EXPECT_THAT(error.what(), HasSubstr("is not an ISO image"));
    EXPECT_FALSE(error.hint().empty());
  }
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

}  // namespace
}  // namespace rescue::media
