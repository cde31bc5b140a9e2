// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Memory file systems of folders, really mounted; in a mount namespace of the test.
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "orchestrator/linux/host/linux_host.hpp"
#include "orchestrator/linux/host/memory_folder.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/thrown.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

class MemoryFolder : public ::testing::Test {
protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "mounting needs root";
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  }
  void TearDown() override { ::umount2(folder_.c_str(), MNT_DETACH); }
  /// Writes that many MiB into the folder; false if they have no room.
  [[nodiscard]] bool write(unsigned mib) const {
    const FileDescriptor file(::open((folder_ + "/file").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    return ::fallocate(file.get(), 0, 0, off_t{mib} << 20U) == 0;
  }

  ScratchFolder scratch_;
  std::string folder_ = scratch_.file("guest/overlay");
};

TEST_F(MemoryFolder, HasTheRoomThatItWasGivenAndNoMore) {
  linux::provide_memory_folder(folder_, 8);
  EXPECT_EQ(linux::room_of(folder_).total_mib, 8U);
  EXPECT_EQ(linux::memory_of_files_mib(folder_), 8U);
  EXPECT_FALSE(write(9));
  EXPECT_TRUE(write(7));
  EXPECT_EQ(linux::room_of(folder_).free_mib, 1U);
  struct stat status {};
  ASSERT_EQ(::stat(folder_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0711U) << "QEMU's user may open what is in it";
}

TEST_F(MemoryFolder, GrowsWithItsFiles) {
  linux::provide_memory_folder(folder_, 8);
  ASSERT_TRUE(write(8));
  linux::provide_memory_folder(folder_, 16);
  EXPECT_EQ(linux::room_of(folder_).total_mib, 16U);
  EXPECT_EQ(std::filesystem::file_size(folder_ + "/file"), 8U << 20U);
  EXPECT_TRUE(write(16));
  EXPECT_EQ(error_of([&] { linux::provide_memory_folder(folder_, 4); }).code(), ErrorCode::io)
      << "its files take more than that";
}

TEST_F(MemoryFolder, IsRemovedOnceAndAgain) {
  linux::remove_memory_folder(folder_);
  linux::provide_memory_folder(folder_, 8);
  linux::provide_memory_folder(folder_, 8);
  ASSERT_TRUE(write(1));
  linux::remove_memory_folder(folder_);
  EXPECT_TRUE(std::filesystem::is_empty(folder_)) << "there was one mount only";
  linux::remove_memory_folder(folder_);
}

TEST_F(MemoryFolder, IsRemovedWhileAFileIsOpen) {
  linux::provide_memory_folder(folder_, 8);
  ASSERT_TRUE(write(1));
  const FileDescriptor open(::open((folder_ + "/file").c_str(), O_RDONLY | O_CLOEXEC));
  linux::remove_memory_folder(folder_);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(MemoryFolder, IsNeitherALinkNorAnotherFileSystem) {
  make_folder(scratch_.file("guest"), 0711);
  make_folder(scratch_.file("elsewhere"), 0711);
  ASSERT_EQ(::symlink(scratch_.file("elsewhere").c_str(), folder_.c_str()), 0);
  EXPECT_EQ(error_of([&] { linux::provide_memory_folder(folder_, 8); }).code(), ErrorCode::io);
  ASSERT_EQ(::unlink(folder_.c_str()), 0);

  make_folder(folder_, 0711);
  ASSERT_EQ(::mount("proc", folder_.c_str(), "proc", 0, nullptr), 0);
  const auto error = error_of([&] { linux::provide_memory_folder(folder_, 8); });
  EXPECT_THAT(error.what(), HasSubstr("another file system is mounted at "));
  EXPECT_THAT(error_of([&] { linux::remove_memory_folder(folder_); }).what(), HasSubstr("another file system"));
}

TEST(AvailableMemory, IsPartOfTheHosts) {
  linux::LinuxHost host({"true"}, {"true"});
  EXPECT_GT(host.available_memory_mib(), 0U);
  EXPECT_LE(host.available_memory_mib(), host.facts().memory_mib);
}

}  // namespace
}  // namespace rescue::tests
