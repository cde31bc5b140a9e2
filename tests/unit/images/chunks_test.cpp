// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Digests of chunks: created, read, verified, and refused; the program that writes them; their field in the manifest.
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/chunks.hpp"
#include "images/manifest.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace rescue::tests {
namespace {

using images::ChunkDigests;
using ::testing::HasSubstr;

class Chunks : public ::testing::Test {
protected:
  static constexpr std::uint64_t size = 4096;
  Chunks() { scratch_.write("image", content_); }
  [[nodiscard]] static std::string fault(const std::string& content) {
    const auto error = error_of([&] { (void)ChunkDigests::parse("x.chunks", content); });
    EXPECT_EQ(error.code(), ErrorCode::image_untrusted);
    return error.what();
  }
  ScratchFolder scratch_;
  const std::string content_ = std::string(2 * size, 'a') + "the rest";
  const ChunkDigests digests_ = [this] {
    scratch_.write("image", content_);
    return ChunkDigests::of_file(scratch_.file("image"), size);
  }();
};

TEST_F(Chunks, AreThoseOfTheFile) {
  EXPECT_EQ(digests_.count(), 3U);
  EXPECT_EQ(digests_.file_size(), content_.size());
  EXPECT_EQ(digests_.size_of(1), size);
  EXPECT_EQ(digests_.size_of(2), 8U);
  EXPECT_TRUE(digests_.matches(0, content_.substr(0, size)));
  EXPECT_TRUE(digests_.matches(2, "the rest"));
}

TEST_F(Chunks, MatchNothingElse) {
  EXPECT_FALSE(digests_.matches(2, "the resT"));
  EXPECT_FALSE(digests_.matches(2, "the rest "));
  EXPECT_FALSE(digests_.matches(0, content_.substr(0, size - 1)));
  EXPECT_FALSE(digests_.matches(0, "the rest"));
  EXPECT_FALSE(digests_.matches(3, ""));
}

TEST_F(Chunks, AreTheSameAfterTheyWereWritten) {
  const auto again = ChunkDigests::parse("x", digests_.content());
  EXPECT_EQ(again.content(), digests_.content());
  EXPECT_EQ(again.chunk_size(), size);
}

TEST_F(Chunks, AreRefusedWhereTheFileIsNone) {
  const auto good = digests_.content();
  EXPECT_THAT(fault(""), HasSubstr("is not a file of chunk digests"));
  EXPECT_THAT(fault("RSCCHNK2" + good.substr(8)), HasSubstr("is not a file of chunk digests"));
  EXPECT_THAT(fault(good.substr(0, good.size() - 1)), HasSubstr("95 bytes of digests, but 3 chunks"));
  EXPECT_THAT(fault(good + "x"), HasSubstr("97 bytes of digests, but 3 chunks"));
  auto odd = good;
  odd[8] = 1;
  EXPECT_THAT(fault(odd), HasSubstr("has chunks of 4097 bytes"));
  auto huge = good;
  huge[23] = 1;
  EXPECT_THAT(fault(huge), HasSubstr("is for a file of"));
}

TEST_F(Chunks, AreRefusedWhenTheyAreNotThoseOfTheManifest) {
  const auto path = scratch_.write("image.chunks", digests_.content());
  const auto root = images::sha256_of(digests_.content());
  EXPECT_EQ(ChunkDigests::verified(path, root).count(), 3U);
  auto tampered = digests_.content();
  tampered.back() = static_cast<char>(tampered.back() ^ 1);
  scratch_.write("image.chunks", tampered);
  const auto error = error_of([&] { (void)ChunkDigests::verified(path, root); });
  EXPECT_EQ(error.code(), ErrorCode::image_untrusted);
  EXPECT_THAT(error.what(), HasSubstr("but the manifest says " + root));
}

TEST_F(Chunks, AreRefusedInASizeThatIsNoPowerOfTwo) {
  for (const std::uint64_t wrong : {0, 1, 5000, 1 << 30}) {
    EXPECT_EQ(error_of([&] { (void)ChunkDigests::of_file(scratch_.file("image"), wrong); }).code(), ErrorCode::usage);
  }
}

TEST_F(Chunks, AreWrittenByTheProgramForBuilders) {
  const auto completed =
      run_checked({.argv = {RESCUE_IMAGE_CHUNKS, scratch_.file("image")}, .input = {}, .environment = {}});
  const auto field = nlohmann::json::parse(completed.out);
  EXPECT_EQ(field["name"], "image.chunks");
  const auto digests = ChunkDigests::verified(scratch_.file("image.chunks"), field["sha256"].get<std::string>());
  EXPECT_EQ(digests.chunk_size(), ChunkDigests::default_chunk_size);
  EXPECT_TRUE(digests.matches(0, content_));
  // As any other tool computes it.
  const auto sum = run_checked({.argv = {"sha256sum", scratch_.file("image.chunks")}, .input = {}, .environment = {}});
  EXPECT_TRUE(sum.out.starts_with(field["sha256"].get<std::string>()));
}

images::Manifest manifest_with(const std::string& chunks) {
  return images::Manifest::parse(
      Document::from_json("manifest.json", fmt::format(R"({{"format": 1, "name": "test", "version": "1",
 "profile": {{"os": "standin", "firmware": "uefi", "disk_bus": "virtio-scsi"}},
 "files": [{{"name": "a.qcow2", "role": "system-disk", "format": "qcow2", "size": 23, "sha256": "{:0>64}"{}}}]}})",
                                                       1, chunks)));
}

TEST(ManifestWithChunks, IsRead) {
  const auto manifest = manifest_with(fmt::format(R"(, "chunks": {{"name": "a.chunks", "sha256": "{:0>64}"}})", 7));
  ASSERT_TRUE(manifest.system_disk().chunks);
  EXPECT_EQ(manifest.system_disk().chunks->name, "a.chunks");
  EXPECT_TRUE(manifest.system_disk().chunks->sha256.ends_with("07"));
  EXPECT_FALSE(manifest_with("").system_disk().chunks);
}

TEST(ManifestWithChunks, IsRefusedWithWrongFields) {
  const auto fault = [](const std::string& chunks) {
    return std::string(error_of([&] { (void)manifest_with(chunks); }).what());
  };
  EXPECT_THAT(fault(R"(, "chunks": {"name": "a.chunks"})"), HasSubstr("sha256"));
  EXPECT_THAT(fault(R"(, "chunks": {"name": "../a", "sha256": "0"})"), HasSubstr("must be a plain file name"));
  EXPECT_THAT(fault(R"(, "chunks": {"name": "a.chunks", "sha256": "0"})"), HasSubstr("must be 64 hex digits"));
  EXPECT_THAT(fault(fmt::format(R"(, "chunks": {{"name": "a.qcow2", "sha256": "{:0>64}"}})", 7)),
              HasSubstr("must not be the image itself"));
}

}  // namespace
}  // namespace rescue::tests
