// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/ntfs_tree.hpp"
#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/utf8.hpp"
#include "ntfs_maker.hpp"
#include "tests/doubles/thrown.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <map>
#include <optional>

namespace rescue::tests {
namespace {

using disk::EntryKind;
using disk::FileEntry;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

/// Reparse point of a link, without flags ([MS-FSCC] 2.1.2.5); `tag` as four bytes.
std::string junction_to(const std::string& target) {
  const auto name = utf16_of(target);
  const auto size = [](std::size_t number) {
    return std::string{static_cast<char>(number & 0xFFU), static_cast<char>(number >> 8U)};
  };
  const auto data = size(0) + size(name.size()) + size(name.size() + 2) + size(0) + name + std::string(4, '\0');
  return std::string("\x03\x00\x00\xa0", 4) + size(data.size()) + size(0) + data;
}

class Tree : public ::testing::Test {
protected:
  void SetUp() override {
    if (!NtfsMaker::possible()) GTEST_SKIP() << "mkntfs is not installed";
    maker_.emplace();
  }
  [[nodiscard]] disk::NtfsTree& tree() {
    if (!tree_) {
      file_ = FileDescriptor(::open(maker_->path().c_str(), O_RDONLY | O_CLOEXEC));
      bytes_.emplace(file_.get());
      volume_.emplace(*bytes_, 0, bytes_->size());
      tree_.emplace(*volume_);
    }
    return *tree_;
  }
  [[nodiscard]] std::map<std::string, FileEntry> listed(const std::string& path) {
    std::map<std::string, FileEntry> entries;
    tree().list(path, [&](const FileEntry& entry) { entries[entry.name] = entry; });
    return entries;
  }
  [[nodiscard]] std::string content_of(const std::string& path) {
    const auto open = tree().open(path);
    std::string content(static_cast<std::size_t>(open->entry().size), '\0');
    std::size_t done = 0;
    while (done < content.size()) done += open->read(done, content.data() + done, content.size() - done);
    return content;
  }

  std::optional<NtfsMaker> maker_;

private:
  FileDescriptor file_;
  std::optional<disk::DiskDescriptor> bytes_;
  std::optional<disk::NtfsVolume> volume_;
  std::optional<disk::NtfsTree> tree_;
};

TEST_F(Tree, ListsNamesAsTheyAreAndHidesThoseOfNtfs) {
  maker_->folder("Übung");
  maker_->file("Übung", "日本.TXT", "hello");
  std::vector<std::string> root;
  for (const auto& [name, entry] : listed("/")) root.push_back(name);
  EXPECT_THAT(root, UnorderedElementsAre("Übung"));
  const auto inside = listed("üBUNG");
  ASSERT_EQ(inside.size(), 1U);
  EXPECT_EQ(inside.at("日本.TXT").size, 5U);
  EXPECT_EQ(inside.at("日本.TXT").kind, EntryKind::file);
  EXPECT_EQ(tree().stat("übung/日本.txt").name, "日本.TXT") << "as the volume spells it";
  EXPECT_EQ(content_of("/Übung//日本.txt"), "hello");
}

TEST_F(Tree, HidesTheFilesOfNtfsBehindAnyPath) {
  for (const auto* const path : {"$MFT", "$Extend/$UsnJrnl", "nothing", "..", "./$Boot"}) {
    EXPECT_EQ(error_of([&] { (void)tree().stat(path); }).code(), ErrorCode::not_found) << path;
  }
}

TEST_F(Tree, PrefersTheExactNameOfTwoThatDifferByCase) {
  maker_->file("", "name", "lower");
  maker_->file("", "NAME", "upper");
  EXPECT_EQ(content_of("name"), "lower");
  EXPECT_EQ(content_of("NAME"), "upper");
}

TEST_F(Tree, ReadsCompressedAndSparseFiles) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i) + "\n";
  maker_->compressed("log.txt", text);
  constexpr std::uint64_t large = 600U << 20U;
  maker_->sparse("sparse.bin", large, "the end");
  EXPECT_NE(tree().stat("compressed/log.txt").flags & disk::entry_compressed, 0U);
  EXPECT_EQ(content_of("compressed/log.txt"), text);
  const auto open = tree().open("sparse.bin");
  EXPECT_EQ(open->entry().size, large);
  std::string end(7, 'x');
  EXPECT_EQ(open->read(large - end.size(), end.data(), 100), end.size());
  EXPECT_EQ(end, "the end");
  EXPECT_EQ(open->read(1000, end.data(), end.size()), end.size());
  EXPECT_EQ(end, std::string(7, '\0'));
  EXPECT_EQ(open->read(large, end.data(), end.size()), 0U);
}

TEST_F(Tree, RefusesContentThatItWouldReadWrong) {
  maker_->encrypted("secret.txt");
  maker_->reparse_point("compact.dll", std::string("\x17\x00\x00\x80\x10\x00\x00\x00", 8) + std::string(16, '\1'),
                        false);
  maker_->reparse_point("dedup.iso", std::string("\x13\x00\x00\x80\x10\x00\x00\x00", 8) + std::string(16, '\1'), false);
  const auto refusal = [&](const char* path) {
    const auto error = error_of([&] { (void)tree().open(path); });
    EXPECT_EQ(error.code(), ErrorCode::precondition) << path;
    return std::string(error.what());
  };
  EXPECT_THAT(refusal("secret.txt"), HasSubstr("EFS"));
  EXPECT_THAT(refusal("compact.dll"), HasSubstr("WOF"));
  EXPECT_THAT(refusal("dedup.iso"), HasSubstr("deduplicated"));
  EXPECT_THAT(refusal("/"), HasSubstr("folder"));
  EXPECT_THAT(listed("/").at("secret.txt").problem, HasSubstr("EFS"));
}

TEST_F(Tree, ShowsLinksAndDoesNotFollowThem) {
  maker_->reparse_point("Documents and Settings", junction_to("C:\\Users"), true);
  const auto entry = listed("/").at("Documents and Settings");
  EXPECT_EQ(entry.kind, EntryKind::link);
  EXPECT_THAT(entry.problem, HasSubstr("C:\\Users"));
  EXPECT_EQ(error_of([&] { tree().list("Documents and Settings", [](const FileEntry&) {}); }).code(),
            ErrorCode::precondition);
}

TEST_F(Tree, ReportsADamagedRecordAndReadsTheOthers) {
  maker_->file("", "good.txt", "good");
  maker_->file("", "bad.txt", "bad");
  maker_->damage("bad.txt");
  const auto entries = listed("/");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries.at("bad.txt").kind, EntryKind::other);
  EXPECT_THAT(entries.at("bad.txt").problem, HasSubstr("damaged"));
  EXPECT_EQ(error_of([&] { (void)tree().stat("bad.txt"); }).code(), ErrorCode::disk);
  EXPECT_EQ(content_of("good.txt"), "good");
}

}  // namespace
}  // namespace rescue::tests
