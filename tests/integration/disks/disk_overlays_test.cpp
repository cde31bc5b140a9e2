// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests overlays over block devices: what a guest writes reaches the disk when it is kept, and only then.
#include "loop_disk.hpp"
#include "orchestrator/linux/disks/linux_disk_overlays.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/doubles/wait_until.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <csignal>
#include <optional>

namespace rescue::tests {
namespace {

using linux::LinuxDiskOverlays;
using ::testing::HasSubstr;

class DiskOverlays : public ::testing::Test {
protected:
  void SetUp() override {
    if (const auto why = loop_devices_missing(); !why.empty()) GTEST_SKIP() << why;
    disk_.emplace("below", LoopDisk::Content::ext4);
    overlays_.create(disk_->disk(), file_);
  }
  /// Writes as a guest does, through QEMU.
  void write(const std::string& command) const {
    output_of({"qemu-io", "-f", "qcow2", "-c", command, "-c", "flush", file_});
  }
  [[nodiscard]] std::string digest() const { return output_of({"sha256sum", disk_->path()}).substr(0, 64); }
  /// Digest of the disk as the guest sees it.
  [[nodiscard]] std::string digest_with_overlay() const {
    const auto copy = folder_ / "copy";
    output_of({"qemu-img", "convert", "-f", "qcow2", "-O", "raw", file_, copy});
    return output_of({"sha256sum", copy}).substr(0, 64);
  }
  void patch_header(std::streamoff at, const std::string& bytes) const {
    std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << bytes;
  }
  void expect_refused(const std::string& why) {
    const auto before = digest();
    const auto error = error_of([&] { overlays_.commit(disk_->disk(), file_); });
    EXPECT_EQ(error.code(), ErrorCode::disk);
    EXPECT_THAT(error.what(), HasSubstr(why));
    EXPECT_EQ(digest(), before);
  }

  Folder folder_;
  const std::string file_ = folder_ / "changes/loop, with a comma.qcow2";
  std::optional<LoopDisk> disk_;
  LinuxDiskOverlays overlays_;
};

TEST_F(DiskOverlays, LeaveTheDiskAsItIsUntilItIsDecided) {
  const auto before = digest();
  write("write -P 0x5a 1M 3M");
  EXPECT_EQ(digest(), before);
  EXPECT_GT(overlays_.size_of(file_), std::uint64_t{3} << 20U);
  overlays_.discard(file_);
  overlays_.discard(file_);
  EXPECT_EQ(digest(), before);
  EXPECT_EQ(overlays_.size_of(file_), 0U);
}

TEST_F(DiskOverlays, AreWrittenToTheDiskWhenTheyAreKept) {
  write("write -P 0x5a 1M 3M");
  write("write -z 8M 64k");
  write("write -P 0x11 33553920 512");
  const auto wanted = digest_with_overlay();
  overlays_.commit(disk_->disk(), file_);
  EXPECT_EQ(digest(), wanted);
  EXPECT_FALSE(std::filesystem::exists(file_));
  overlays_.commit(disk_->disk(), file_);
  EXPECT_EQ(digest(), wanted) << "there is nothing left to write";
}

TEST_F(DiskOverlays, CanBeWrittenAgainAfterAKill) {
  write("write -P 0x5a 0 32M");
  const auto wanted = digest_with_overlay();
  constexpr unsigned moments = 6;
  unsigned interrupted = 0;
  for (unsigned moment = 0; moment < moments && std::filesystem::exists(file_); ++moment) {
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      try {
        LinuxDiskOverlays().commit(disk_->disk(), file_);
      } catch (const std::exception&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    ::usleep(moment * 5'000);  // the tested moments
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    if (std::filesystem::exists(file_)) ++interrupted;
  }
  EXPECT_GT(interrupted, 0U);
  overlays_.commit(disk_->disk(), file_);
  EXPECT_EQ(digest(), wanted);
}

TEST_F(DiskOverlays, AreNotWrittenWhileAGuestHasThem) {
  write("write -P 0x5a 1M 64k");
  const auto before = digest();
  const auto size = overlays_.size_of(file_);
  const auto guest = ::fork();
  ASSERT_GE(guest, 0);
  if (guest == 0) {
    ::execlp("qemu-io", "qemu-io", "-f", "qcow2", "-c", "write -P 1 8M 64k", "-c", "flush", "-c", "sleep 60000",
             file_.c_str(), nullptr);
    ::_exit(1);
  }
  EXPECT_TRUE(wait_until([&] { return overlays_.size_of(file_) > size; })) << "QEMU has the file";
  const auto error = error_of([&] { overlays_.commit(disk_->disk(), file_); });
  ::kill(guest, SIGKILL);
  ::waitpid(guest, nullptr, 0);
  EXPECT_THAT(error.what(), HasSubstr("lock"));
  EXPECT_EQ(digest(), before);
  overlays_.commit(disk_->disk(), file_);
  EXPECT_NE(digest(), before);
}

TEST_F(DiskOverlays, RefuseAHeaderThatOursHasNot) {
  using namespace std::string_literals;
  constexpr std::streamoff size_at = 24;
  constexpr std::streamoff snapshots_at = 60;
  constexpr std::streamoff features_at = 72;
  patch_header(0, "QFX");
  expect_refused("no qcow2 of version 3");
  overlays_.create(disk_->disk(), file_);
  patch_header(size_at, "\x00\x00\x00\x00\x00\x10\x00\x00"s);
  expect_refused("another size than its disk");
  overlays_.create(disk_->disk(), file_);
  patch_header(snapshots_at, "\x00\x00\x00\x01"s);
  expect_refused("has snapshots");
  overlays_.create(disk_->disk(), file_);
  patch_header(features_at, "\x00\x00\x00\x00\x00\x00\x00\x04"s);
  expect_refused("features that ours has not");
  overlays_.create(disk_->disk(), file_);
  std::filesystem::resize_file(file_, 50);
  expect_refused("no header");
}

TEST_F(DiskOverlays, FollowNoLinkAndNoNameInAHeader) {
  const auto other = folder_ / "other";
  std::ofstream(other) << std::string(32U << 20U, 'x');
  const auto before = output_of({"sha256sum", other});
  write("write -P 0x5a 1M 64k");
  // The header names another file to lie over: what is kept goes to the disk all the same.
  output_of({"qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", other, file_});
  overlays_.commit(disk_->disk(), file_);
  EXPECT_EQ(output_of({"sha256sum", other}), before);
  overlays_.create(disk_->disk(), file_);
  const auto hidden = folder_ / "hidden.qcow2";
  std::filesystem::rename(file_, hidden);
  std::filesystem::create_symlink(hidden, file_);
  expect_refused("can't open it");
  std::filesystem::remove(file_);
  std::filesystem::create_hard_link(hidden, file_);
  expect_refused("no file of its own");
}

}  // namespace
}  // namespace rescue::tests
