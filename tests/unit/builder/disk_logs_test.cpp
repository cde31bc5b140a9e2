// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Setup's logs, taken out of disks with real file systems that nothing mounts.
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/builder/disk_logs.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::builder {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
namespace fs = std::filesystem;

class DiskLogs : public testing::Test {
protected:
  void SetUp() override {
    for (const char* program : {"mkntfs", "sgdisk", "mmls"}) {
      try {
        call({program, "--version"});
      } catch (const Error&) {
        GTEST_SKIP() << "needs ntfs-3g, gdisk and sleuthkit";
      }
    }
    fs::create_directory(folder.file("into"));
  }
  static void call(const std::vector<std::string>& argv) {
    Command command;
    command.argv = argv;
    (void)run(command);
  }
  /// A disk with an empty first partition, and `file_system` as its second.
  [[nodiscard]] std::string disk_with(const std::string& file_system) const {
    auto disk = folder.file("disk.raw");
    call({"truncate", "-s", "64M", disk});
    call({"sgdisk", "--new=1:2048:+4M", "--new=2:10240:0", disk});
    call({"dd", "if=" + file_system, "of=" + disk, "bs=512", "seek=10240", "conv=notrunc"});
    return disk;
  }

  tests::ScratchFolder folder;
};

TEST_F(DiskLogs, ComeOutOfNtfs) {
  const auto file_system = folder.file("ntfs");
  call({"truncate", "-s", "32M", file_system});
  call({"mkntfs", "-F", "-Q", "-q", file_system});
  const auto log = folder.write("setupact.log", std::string(50'000, 'x') + "\nThe disk was not found\n");
  call({"ntfscp", "-f", file_system, log, "setupact.log"});
  const auto disk = disk_with(file_system);
  EXPECT_THAT(copy_logs(disk, {"/"}, folder.file("into")), ElementsAre("setup-2--setupact.log"));
  EXPECT_EQ(read_file(folder.file("into/setup-2--setupact.log")), read_file(log));
}

TEST_F(DiskLogs, ComeOutOfFoldersOfExt4AndNothingElseDoes) {
  fs::create_directories(folder.file("tree/Windows/Panther/unattend"));
  (void)folder.write("tree/Windows/Panther/setupact.log", "one\n");
  (void)folder.write("tree/Windows/Panther/unattend.xml", "password\n");
  (void)folder.write("tree/other.log", "two\n");
  const auto file_system = folder.file("ext4");
  call({"mke2fs", "-q", "-t", "ext4", "-d", folder.file("tree"), file_system, "32M"});
  const auto disk = disk_with(file_system);
  EXPECT_THAT(copy_logs(disk, {"/Windows/Panther", "/absent"}, folder.file("into")),
              ElementsAre("setup-2-Windows-Panther-setupact.log"));
  EXPECT_EQ(read_file(folder.file("into/setup-2-Windows-Panther-setupact.log")), "one\n");
}

TEST_F(DiskLogs, AreNoneOnADiskWithoutPartitions) {
  const auto disk = folder.file("disk.raw");
  call({"truncate", "-s", "64M", disk});
  EXPECT_THAT(copy_logs(disk, {"/Windows/Panther"}, folder.file("into")), IsEmpty());
}

TEST_F(DiskLogs, AreNoneOnADamagedFileSystem) {
  const auto disk = disk_with(folder.write("noise", std::string(1U << 20U, '\xe5')));
  EXPECT_THAT(copy_logs(disk, {"/Windows/Panther"}, folder.file("into")), IsEmpty());
}

}  // namespace
}  // namespace rescue::builder
