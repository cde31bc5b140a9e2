// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Garbage collection in folders of images: a web server's and a host's.

#include "core/handle.hpp"
#include "images/garbage.hpp"
#include "images/publication.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/images/minisign_keys.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>

#include <csignal>
#include <filesystem>

namespace rescue::tests {
namespace {

using images::GarbageState;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class GarbageCollection : public ::testing::Test {
protected:
  GarbageCollection() {
    request_.folder = folder_.file("images");
    request_.now = std::chrono::system_clock::from_time_t(1795910400);
    for (const auto* name : {"2022", "2025", "old"}) add_image(name);
    write_catalogue({"2022", "2025"});
  }
  void add_image(const std::string& folder, const std::string& name = "image") const {
    make_folder(folder_.file("images/" + folder), 0755);
    auto manifest = full_manifest();
    manifest["name"] = name;
    folder_.write("images/" + folder + "/manifest.json", manifest.dump());
    folder_.write("images/" + folder + "/manifest.json.minisig", "a signature");
    folder_.write("images/" + folder + "/system.qcow2", "the content of an image");
    folder_.write("images/" + folder + "/system.qcow2.chunks", "digests");
    folder_.write("images/" + folder + "/boot.profile", "profile");
  }
  void write_catalogue(const std::vector<std::string>& folders) {
    images::Catalogue catalogue;
    catalogue.counter = ++counter_;
    catalogue.created = request_.now;
    for (const auto& folder : folders) {
      auto manifest = images::Manifest::parse_text("manifest.json", full_manifest().dump());
      manifest.name = "image-" + std::to_string(catalogue.images.size());
      catalogue.images.push_back(images::entry_of(manifest, folder + "/manifest.json"));
    }
    folder_.write("images/catalogue.json", images::json_of(catalogue).dump());
  }
  [[nodiscard]] bool exists(const std::string& path) const {
    return std::filesystem::exists(folder_.file("images/" + path));
  }
  std::vector<std::pair<std::string, GarbageState>> collect() {
    std::vector<std::pair<std::string, GarbageState>> found;
    for (const auto& item : images::collect_garbage(request_)) found.emplace_back(item.path, item.state);
    return found;
  }

  ScratchFolder folder_;
  images::GarbageRequest request_;
  std::uint64_t counter_ = 0;
};

TEST_F(GarbageCollection, RemovesAnImageThatNoCatalogueNames) {
  const auto found = images::collect_garbage(request_);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path, "old");
  EXPECT_EQ(found[0].state, GarbageState::removed);
  EXPECT_GT(found[0].bytes, 23U + 7 + 7);
  EXPECT_FALSE(exists("old"));
  for (const auto* file :
       {"manifest.json", "manifest.json.minisig", "system.qcow2", "system.qcow2.chunks", "boot.profile"}) {
    EXPECT_TRUE(exists(std::string("2022/") + file)) << file;
  }
  EXPECT_THAT(collect(), IsEmpty()) << "a second time there is nothing";
}

TEST_F(GarbageCollection, RemovesFilesThatNoManifestNames) {
  folder_.write("images/2022/system-old.qcow2", "an older version");
  folder_.write("images/2022/system-old.qcow2.part", "a part of it");
  folder_.write("images/2022/system.qcow2.part", "a download that runs");
  folder_.write("images/2022/inputs.sha256", "a builder's");
  EXPECT_THAT(collect(), ElementsAre(Pair("2022/system-old.qcow2", GarbageState::removed),
                                     Pair("2022/system-old.qcow2.part", GarbageState::removed),
                                     Pair("old", GarbageState::removed)));
  EXPECT_TRUE(exists("2022/system.qcow2.part"));
  EXPECT_TRUE(exists("2022/inputs.sha256")) << "no part of an image";
}

TEST_F(GarbageCollection, LeavesFilesOutsideOfImages) {
  folder_.write("images/base.qcow2", "somebody's");
  make_folder(folder_.file("images/isos"), 0755);
  folder_.write("images/isos/server.raw", "somebody's");
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::removed)));
  EXPECT_TRUE(exists("base.qcow2"));
  EXPECT_TRUE(exists("isos/server.raw"));
}

TEST_F(GarbageCollection, ChangesNothingInADryRun) {
  request_.dry_run = true;
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::removable)));
  EXPECT_TRUE(exists("old/system.qcow2"));
  EXPECT_FALSE(exists(".gc.json"));
  EXPECT_FALSE(exists(".gc.lock"));
}

TEST_F(GarbageCollection, WaitsForThePeriodOfGraceSinceItWasUnnamed) {
  request_.grace = std::chrono::hours(24);
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::waits)));
  request_.now += std::chrono::hours(23);
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::waits)));
  write_catalogue({"2022", "2025", "old"});
  EXPECT_THAT(collect(), IsEmpty()) << "named again";
  write_catalogue({"2022", "2025"});
  request_.now += std::chrono::hours(2);
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::waits))) << "the time begins again";
  request_.now += std::chrono::hours(24);
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::removed)));
}

TEST_F(GarbageCollection, LeavesWhatAProgramHasLocked) {
  const FileDescriptor builder(::open(folder_.file("images/old/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  ASSERT_EQ(::flock(builder.get(), LOCK_EX), 0);
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::in_use)));
  EXPECT_TRUE(exists("old/system.qcow2"));
}

TEST_F(GarbageCollection, LeavesAnImageThatQemuHasOpen) {
  if (run({.argv = {"sh", "-c", "command -v qemu-img qemu-nbd"}, .input = {}, .environment = {}}).status != 0) {
    GTEST_SKIP() << "qemu-nbd is not installed (qemu-utils)";
  }
  const auto image = folder_.file("images/old/system.qcow2");
  run_checked({.argv = {"qemu-img", "create", "-q", "-f", "qcow2", image, "1M"}, .input = {}, .environment = {}});
  const auto pid_file = folder_.file("nbd.pid");
  run_checked({.argv = {"qemu-nbd", "--read-only", "--fork", "--persistent", "--pid-file", pid_file, "--socket",
                        folder_.file("nbd.socket"), image},
               .input = {},
               .environment = {}});
  const auto found = collect();
  ASSERT_EQ(::kill(std::stoi(read_file(pid_file)), SIGTERM), 0);
  EXPECT_THAT(found, ElementsAre(Pair("old", GarbageState::in_use)));
}

TEST_F(GarbageCollection, TakesTheTargetOfALinkAsNamed) {
  std::filesystem::create_directory_symlink("old", folder_.file("images/current"));
  EXPECT_THAT(collect(), IsEmpty());
  EXPECT_TRUE(exists("old/system.qcow2"));
}

TEST_F(GarbageCollection, FollowsNoLink) {
  std::filesystem::rename(folder_.file("images/old"), folder_.file("elsewhere"));
  std::filesystem::create_directory_symlink(folder_.file("elsewhere"), folder_.file("images/2025/link"));
  EXPECT_THAT(collect(), IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(folder_.file("elsewhere/system.qcow2")));
}

TEST_F(GarbageCollection, KeepsTheFolderOfANamedImageWithoutItsManifest) {
  std::filesystem::remove(folder_.file("images/2025/manifest.json"));
  std::filesystem::remove_all(folder_.file("images/old"));
  EXPECT_THAT(collect(), IsEmpty());
  EXPECT_TRUE(exists("2025/system.qcow2"));
}

TEST_F(GarbageCollection, CleansTheStoreOfOneImage) {
  request_.folder = folder_.file("images/2022");
  folder_.write("images/2022/system-old.qcow2", "of before");
  folder_.write("images/2022/.counters.json", "{}");
  EXPECT_THAT(collect(), ElementsAre(Pair("system-old.qcow2", GarbageState::removed)));
  EXPECT_TRUE(exists("2022/.counters.json"));
  EXPECT_TRUE(exists("2022/system.qcow2"));
}

TEST_F(GarbageCollection, RefusesAFolderThatHasNoImages) {
  request_.folder = folder_.file("keys");
  make_folder(request_.folder, 0755);
  folder_.write("keys/disk.qcow2", "somebody's");
  EXPECT_EQ(error_of([this] { (void)collect(); }).code(), ErrorCode::precondition);
  EXPECT_TRUE(std::filesystem::exists(folder_.file("keys/disk.qcow2")));
}

TEST_F(GarbageCollection, RemovesNothingWhereAManifestCantBeRead) {
  folder_.write("images/2022/manifest.json", "{");
  EXPECT_EQ(error_of([this] { (void)collect(); }).code(), ErrorCode::config_invalid);
  EXPECT_TRUE(exists("old/system.qcow2"));
}

TEST_F(GarbageCollection, LeavesFoldersWithAManifestOfSomethingElse) {
  make_folder(folder_.file("images/website"), 0755);
  folder_.write("images/website/manifest.json", R"({"name": "A web application", "start_url": "/"})");
  folder_.write("images/website/disk.raw", "somebody's");
  folder_.write("images/old/notes.txt", "somebody's");
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::removed)));
  EXPECT_TRUE(exists("website/manifest.json"));
  EXPECT_TRUE(exists("website/disk.raw"));
  EXPECT_TRUE(exists("old/notes.txt"));
  EXPECT_FALSE(exists("old/manifest.json"));
  EXPECT_FALSE(exists("old/manifest.json.minisig"));
  EXPECT_FALSE(exists("old/system.qcow2"));
}

TEST_F(GarbageCollection, LeavesFoldersWithACatalogueOfTheirOwn) {
  make_folder(folder_.file("images/test"), 0755);
  for (const auto* name : {"test/2022", "test/more/2025"}) add_image(name, "windows");
  folder_.write("images/test/catalogue.json", "{}");
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::removed)));
  EXPECT_TRUE(exists("test/2022/system.qcow2"));
  EXPECT_TRUE(exists("test/more/2025/system.qcow2"));
}

TEST_F(GarbageCollection, BeginsTheTimeAnewAfterACatalogueThatNoRunSaw) {
  request_.grace = std::chrono::hours(24);
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::waits)));
  request_.now += std::chrono::hours(25);
  write_catalogue({"2022", "2025", "old"});
  write_catalogue({"2022", "2025"});
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::waits))) << "hosts may just have begun to read it";
  request_.now += std::chrono::hours(24);
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::removed)));
}

TEST_F(GarbageCollection, BeginsTheTimeAnewAfterAManifestThatNoRunSaw) {
  request_.grace = std::chrono::hours(24);
  std::filesystem::remove_all(folder_.file("images/old"));
  folder_.write("images/2022/system-old.qcow2", "an older version");
  EXPECT_THAT(collect(), ElementsAre(Pair("2022/system-old.qcow2", GarbageState::waits)));
  request_.now += std::chrono::hours(25);
  auto manifest = full_manifest();
  manifest["counter"] = 9;  // 8 may have named it
  folder_.write("images/2022/manifest.json", manifest.dump());
  EXPECT_THAT(collect(), ElementsAre(Pair("2022/system-old.qcow2", GarbageState::waits)));
  request_.now += std::chrono::hours(24);
  EXPECT_THAT(collect(), ElementsAre(Pair("2022/system-old.qcow2", GarbageState::removed)));
}

TEST_F(GarbageCollection, BeginsTheTimeAnewForAnotherImageInTheSameFolder) {
  request_.grace = std::chrono::hours(24);
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::waits)));
  request_.now += std::chrono::hours(25);
  add_image("old", "built-since");
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::waits))) << "it is not yet published";
}

TEST_F(GarbageCollection, BeginsTheTimeAnewWhereTheBookHasOnlyTimes) {
  request_.grace = std::chrono::hours(24);
  folder_.write("images/.gc.json", R"({"old": "2020-01-01T00:00:00Z"})");
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::waits)));
}

TEST_F(GarbageCollection, TakesTheTargetOfANamedFolderThatIsALinkAsNamed) {
  make_folder(folder_.file("images/versions"), 0755);
  std::filesystem::rename(folder_.file("images/2022"), folder_.file("images/versions/7"));
  make_folder(folder_.file("images/win"), 0755);
  std::filesystem::create_directory_symlink("../versions/7", folder_.file("images/win/2022"));
  write_catalogue({"win/2022", "2025"});
  EXPECT_THAT(collect(), ElementsAre(Pair("old", GarbageState::removed)));
  EXPECT_TRUE(exists("versions/7/system.qcow2"));
}

TEST_F(GarbageCollection, TakesTheTargetOfANamedFileThatIsALinkAsNamed) {
  std::filesystem::rename(folder_.file("images/2022/system.qcow2"), folder_.file("images/2022/base.qcow2"));
  std::filesystem::create_symlink("base.qcow2", folder_.file("images/2022/system.qcow2"));
  std::filesystem::remove(folder_.file("images/2025/system.qcow2"));
  std::filesystem::create_symlink("../old/system.qcow2", folder_.file("images/2025/system.qcow2"));
  EXPECT_THAT(collect(), IsEmpty());
  EXPECT_TRUE(exists("2022/system.qcow2"));
  EXPECT_TRUE(exists("2025/system.qcow2"));
}

TEST_F(GarbageCollection, ReadsTheNamesUnderTheLock) {
  const FileDescriptor other(::open(folder_.file("images/.gc.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  folder_.write("images/catalogue.json", "{");  // half-written
  EXPECT_EQ(error_of([this] { (void)collect(); }).code(), ErrorCode::conflict);
}

TEST_F(GarbageCollection, RunsOnce) {
  const FileDescriptor other(::open(folder_.file("images/.gc.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  EXPECT_EQ(error_of([this] { (void)collect(); }).code(), ErrorCode::conflict);
}

}  // namespace
}  // namespace rescue::tests
