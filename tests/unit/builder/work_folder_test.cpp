// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Folder of a build: published as a whole, or gone.
#include "core/error.hpp"
#include "images/builder/work_folder.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace rescue::builder {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BuildsWorkFolder : public testing::Test {
protected:
  [[nodiscard]] std::string out() const { return scratch.file("image"); }
  static void write(const std::string& path, const std::string& content) { std::ofstream(path) << content; }
  [[nodiscard]] bool is_empty() const { return fs::is_empty(scratch.file("")); }

  tests::ScratchFolder scratch;
};

TEST_F(BuildsWorkFolder, PublishesItsResultAndIsGone) {
  {
    WorkFolder work(out());
    EXPECT_EQ(fs::path(work.path()).parent_path(), fs::path(out()).parent_path());
    EXPECT_EQ(fs::status(work.path()).permissions() & fs::perms::mask, fs::perms::owner_all);
    write(work.file("disk.raw"), "big");
    write(work.result() + "/manifest.json", "{}");
    EXPECT_FALSE(fs::exists(out()));
    work.publish();
  }
  EXPECT_TRUE(fs::exists(out() + "/manifest.json"));
  EXPECT_FALSE(fs::exists(out() + "/disk.raw"));
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch.file("")), {}), 1);
}

TEST_F(BuildsWorkFolder, LeavesNothingOfABuildThatFails) {
  {
    const WorkFolder work(out());
    write(work.result() + "/standin.qcow2", "half");
  }
  EXPECT_TRUE(is_empty());
}

TEST_F(BuildsWorkFolder, RemovesWhatAKilledBuildHasLeft) {
  fs::create_directories(scratch.file(".image.build/result"));
  write(scratch.file(".image.build/lock"), "");
  write(scratch.file(".image.build/result/half.qcow2"), "half");
  write(scratch.file(".image.build/answers.iso"), "secret");
  const WorkFolder work(out());
  EXPECT_TRUE(fs::is_empty(work.result()));
  EXPECT_FALSE(fs::exists(work.file("answers.iso")));
}

TEST_F(BuildsWorkFolder, RefusesASecondBuildOfTheSameResult) {
  const WorkFolder work(out());
  const auto error = tests::error_of([&] { const WorkFolder second(out() + "/"); });
  EXPECT_EQ(error.code(), ErrorCode::conflict);
  EXPECT_THAT(error.what(), HasSubstr("another build makes " + out()));
}

TEST_F(BuildsWorkFolder, RefusesAResultThatExists) {
  fs::create_directory(out());
  const auto error = tests::error_of([&] { const WorkFolder work(out()); });
  EXPECT_EQ(error.code(), ErrorCode::conflict);
  EXPECT_THAT(error.hint(), HasSubstr("--out"));
}

TEST_F(BuildsWorkFolder, DoesNotReplaceAResultThatCameMeanwhile) {
  WorkFolder work(out());
  fs::create_directory(out());
  write(out() + "/theirs", "");
  EXPECT_EQ(tests::error_of([&] { work.publish(); }).code(), ErrorCode::conflict);
  EXPECT_TRUE(fs::exists(out() + "/theirs"));
}

TEST_F(BuildsWorkFolder, IsKeptForAPersonWhoAsksForIt) {
  {
    WorkFolder work(out());
    work.keep();
  }
  EXPECT_TRUE(fs::exists(scratch.file(".image.build")));
}

TEST_F(BuildsWorkFolder, StatesBothFiguresWhenThereIsTooLittleRoom) {
  const auto error = tests::error_of([&] { require_room(scratch.file(""), std::uint64_t{1} << 60); });
  EXPECT_EQ(error.code(), ErrorCode::precondition);
  EXPECT_THAT(error.what(), testing::ContainsRegex("has [0-9]+ MiB of free room, the build needs 1099511627776 MiB"));
}

TEST_F(BuildsWorkFolder, OverwritesASecretBeforeItIsRemoved) {
  const auto path = scratch.write("answers.iso", std::string(200'000, 's'));
  fs::create_hard_link(path, scratch.file("second-name"));
  wipe_file(path);
  EXPECT_FALSE(fs::exists(path));
  std::ifstream in(scratch.file("second-name"), std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(content, std::string(200'000, '\0'));
}

}  // namespace
}  // namespace rescue::builder
