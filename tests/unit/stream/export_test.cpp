// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-export with the real nbdkit: who may connect, what it refuses, and crashes of nbdkit; QEMU and nginx on it.
#include "tests/unit/stream/nginx.hpp"
#include "tests/unit/stream/streamed_file.hpp"

#include <gmock/gmock.h>
#include <grp.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

/// True for a zombie too: in a container process 1 may never wait for the orphans that it gets.
bool has_ended(pid_t pid) {
  const auto status = read_file_if_exists(fmt::format("/proc/{}/stat", pid));
  return !status || status->find(") Z ") != std::string::npos;
}

class Export : public StreamedFile {
protected:
  void SetUp() override {
#ifdef RESCUE_SANITIZED
    GTEST_SKIP() << "nbdkit is not built with sanitizers and can't load a plugin that is";
#endif
  }
  /// Exports, and reads 8 chunks into the cache.
  void fill_cache() {
    add_mirror();
    settings_.read_ahead = 0;
    start_export();
    expect_right(0, 8 * chunk_size);
    EXPECT_TRUE(wait_until([&] { return count_at("/cache/chunks") == 8; }));
  }
};

TEST_F(Export, IsReadOnlyAndHasTheSizeOfTheFile) {
  add_mirror();
  start_export();
  NbdConnection connection(socket());
  EXPECT_EQ(connection.size(), static_cast<std::int64_t>(file_size));
  EXPECT_TRUE(connection.is_read_only());
}

TEST_F(Export, IsOpenToItsOwnerOnly) {
  add_mirror();
  start_export();
  struct stat status {};
  ASSERT_EQ(::stat(socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Export, IsOpenToTheGroupOfQemu) {
  add_mirror();
  const auto* group = ::getgrgid(::getegid());
  ASSERT_NE(group, nullptr);
  ASSERT_EQ(try_to_start({"--group", group->gr_name}), stream::exporter::serving) << message_ << log();
  struct stat status {};
  ASSERT_EQ(::stat(socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0660U);
  EXPECT_EQ(status.st_gid, ::getegid());
}

TEST_F(Export, RefusesAnUnknownGroup) {
  add_mirror();
  EXPECT_EQ(try_to_start({"--group", "no-such-group"}), stream::exporter::usage);
  EXPECT_THAT(message_, HasSubstr("no group no-such-group"));
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(Export, IsThereOnce) {
  add_mirror();
  start_export();
  EXPECT_EQ(try_to_start(), stream::exporter::already_runs);
  expect_right(0, 4096);
}

TEST_F(Export, RefusesATamperedFileOfDigests) {
  add_mirror();
  auto digests = read_file(settings_.digests);
  digests.back() = static_cast<char>(digests.back() ^ 1);
  scratch_.write("file.img.chunks", digests);
  EXPECT_EQ(try_to_start(), stream::exporter::not_serving);
  EXPECT_THAT(log(), HasSubstr("but the manifest says " + settings_.digests_sha256));
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(Export, RefusesSettingsThatAreNone) {
  add_mirror();
  settings_.mirrors = {"ftp://127.0.0.1/file.img"};
  EXPECT_EQ(try_to_start(), stream::exporter::not_serving);
  EXPECT_THAT(log(), HasSubstr("mirrors: must be http or https URLs"));
}

TEST_F(Export, ServesWithoutAMirrorWhatWasCachedBeforeACrash) {
  fill_cache();
  mirrors_[0]->stop();
  crash_nbdkit();
  expect_right(0, 8 * chunk_size);
}

TEST_F(Export, VerifiesWhatIsInTheCacheAfterACrash) {
  fill_cache();
  {
    std::fstream cache(settings_.cache, std::ios::in | std::ios::out | std::ios::binary);
    cache.seekp(2 * chunk_size + 77);
    cache << "tampered";
  }
  crash_nbdkit();
  expect_right(0, 8 * chunk_size);
  EXPECT_EQ(mirrors_[0]->requests().back().first, 2 * chunk_size);
}

TEST_F(Export, VerifiesAllOfTheCacheAfterACrashBeforeItIsComplete) {
  add_mirror();
  settings_.fetch_rest = true;
  start_export();
  ASSERT_TRUE(wait_until([&] { return status().value("complete", false); }));
  std::fstream(settings_.cache, std::ios::in | std::ios::out | std::ios::binary).seekp(2 * chunk_size + 77)
      << "tampered";
  crash_nbdkit();
  // Nobody reads: the wrong chunk is found and fetched again by itself.
  ASSERT_TRUE(wait_until([&] { return mirrors_[0]->requests().back().first == 2 * chunk_size; }, Milliseconds(10'000)));
  ASSERT_TRUE(wait_until([&] { return status().value("complete", false); }, Milliseconds(10'000))) << status();
  mirrors_[0]->stop();
  expect_all_right();
}

TEST_F(Export, KeepsItsLogWhenASecondOneIsRefused) {
  add_mirror();
  start_export();
  crash_nbdkit();
  ASSERT_THAT(log(), HasSubstr("nbdkit has ended"));
  EXPECT_EQ(try_to_start(), stream::exporter::already_runs);
  EXPECT_THAT(log(), HasSubstr("nbdkit has ended"));
}

TEST_F(Export, EndsWithItsNbdkitWhileAReadWaits) {
  add_mirror().stop();
  settings_.read_limit = Milliseconds(60'000);
  start_export();
  const auto nbdkit = nbdkit_pid();
  std::thread reader([&] { EXPECT_NE(read(0, 4096).error, 0); });
  ASSERT_TRUE(status_becomes("waiting"));
  stop_export();
  reader.join();
  EXPECT_TRUE(has_ended(nbdkit));
  EXPECT_FALSE(std::filesystem::exists(socket()));
}

TEST_F(Export, BringsNbdkitToItsEndWhenItIsKilled) {
  add_mirror();
  start_export();
  const auto nbdkit = nbdkit_pid();
  ::kill(exporter_pid(), SIGKILL);
  EXPECT_TRUE(wait_until([&] { return has_ended(nbdkit); }));
  start_export();  // the lock is free again
  expect_all_right();
}

TEST_F(Export, IsCopiedByNbdcopy) {
  if (!has("nbdcopy")) GTEST_SKIP() << "nbdcopy is not installed (libnbd-bin)";
  add_mirror();
  start_export();
  const auto copy = scratch_.file("copy.img");
  run_checked({.argv = {"nbdcopy", uri(), copy}, .input = {}, .environment = {}});
  EXPECT_TRUE(read_file(copy) == content_);
}

TEST_F(Export, BacksAnOverlayOfQemu) {
  if (!has("qemu-img")) GTEST_SKIP() << "qemu-img is not installed (qemu-utils)";
  // A qcow2 image, as it is streamed: its tables, too, come in verified chunks.
  const auto raw = scratch_.write("content.raw", content_);
  const auto image = scratch_.file("image.qcow2");
  run_checked(
      {.argv = {"qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image}, .input = {}, .environment = {}});
  auto expected = content_;
  publish(read_file(image));
  add_mirror();
  start_export();
  const auto overlay = scratch_.file("overlay.qcow2");
  run_checked({.argv = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", uri(), overlay},
               .input = {},
               .environment = {}});
  run_checked({.argv = {"qemu-io", "-c", "write -P 7 1M 64k", overlay}, .input = {}, .environment = {}});
  std::fill_n(expected.begin() + (1 << 20), 64 << 10, '\7');
  scratch_.write("expected.img", expected);
  run_checked({.argv = {"qemu-img", "compare", "-f", "raw", "-F", "qcow2", scratch_.file("expected.img"), overlay},
               .input = {},
               .environment = {}});
}

TEST_F(Export, ReadsFromNginx) {
  if (!has("nginx")) GTEST_SKIP() << "nginx is not installed";
  make_folder(scratch_.file("www"), 0755);
  scratch_.write("www/file.img", content_);
  const Nginx nginx(scratch_);
  settings_.mirrors = {nginx.url()};
  start_export();
  expect_all_right();
  EXPECT_THAT(nginx.log(), HasSubstr("206 65536 bytes="));
  EXPECT_THAT(nginx.log(), ::testing::Not(HasSubstr("200 ")));
}

}  // namespace
}  // namespace rescue::tests
