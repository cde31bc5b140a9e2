// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/unix_socket.hpp"
#include "orchestrator/linux/disks/linux_disk_claims.hpp"
#include "tests/integration/disks/loop_disk.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

namespace rescue::tests {
namespace {

using linux::LinuxDiskClaims;

/// Opens the disk as the host would. Returns 0 or the errno.
int exclusive_open(const std::string& path) {
  const FileDescriptor fd(::open(path.c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
  return fd ? 0 : errno;
}

pid_t listener_of(const std::string& socket) {
  const auto fd = unix_socket();
  if (connect_unix(fd, socket) != 0) return 0;
  ucred peer{};
  socklen_t size = sizeof peer;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return peer.pid;
}

/// Containers often take the capability away, from root too.
bool may_lower_oom_score() {
  constexpr unsigned long cap_sys_resource = 1UL << 24;
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "CapEff:" && status >> word) return (std::stoul(word, nullptr, 16) & cap_sys_resource) != 0;
  }
  return false;
}

class DiskClaims : public testing::Test {
protected:
  void SetUp() override {
    if (const auto reason = loop_devices_missing(); !reason.empty()) GTEST_SKIP() << reason;
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // to reap the holders, which outlive their parents
    first_.emplace(folder_ / "first", LoopDisk::Content::ext4);
    second_.emplace(folder_ / "second", LoopDisk::Content::partition);
    claims_.emplace(RESCUE_HOLD, socket_);
  }
  void TearDown() override {
    if (claims_) (void)claims_->release();
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
  }
  [[nodiscard]] std::string message_of(const std::vector<domain::Disk>& disks) {
    try {
      claims_->claim(disks);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::disk);
      EXPECT_NE(error.hint(), "");
      return error.what();
    }
    ADD_FAILURE() << "the claim succeeded";
    return {};
  }

  Folder folder_;
  std::string socket_ = folder_ / "run/hold.sock";
  std::optional<LoopDisk> first_;
  std::optional<LoopDisk> second_;
  std::optional<LinuxDiskClaims> claims_;
};

TEST_F(DiskClaims, KeepTheHostOutAndLetTheGuestIn) {
  claims_->claim({first_->disk(), second_->disk()});
  EXPECT_EQ(claims_->held(), (std::vector{first_->path(), second_->path()}));
  EXPECT_EQ(Mounted(first_->path(), folder_ / "mnt").error(), EBUSY);
  EXPECT_EQ(exclusive_open(second_->path()), EBUSY);
  EXPECT_EQ(exclusive_open(second_->partition()), EBUSY);
  const FileDescriptor guest(::open(first_->path().c_str(), O_RDWR | O_CLOEXEC));  // as QEMU does
  EXPECT_TRUE(guest);
  EXPECT_TRUE(claims_->release().empty());
  EXPECT_TRUE(claims_->held().empty());
  EXPECT_EQ(exclusive_open(second_->path()), 0);
  EXPECT_EQ(Mounted(first_->path(), folder_ / "mnt").error(), 0);
}

TEST_F(DiskClaims, OutliveTheProcessThatMadeThem) {
  const pid_t claimant = ::fork();
  if (claimant == 0) {
    LinuxDiskClaims(RESCUE_HOLD, socket_).claim({first_->disk()});
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(claimant, &status, 0), claimant);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(Mounted(first_->path(), folder_ / "mnt").error(), EBUSY);
  EXPECT_EQ(claims_->held(), std::vector{first_->path()});
  const auto holder = listener_of(socket_);
  claims_->claim({first_->disk()});  // attaches to the holder
  EXPECT_EQ(listener_of(socket_), holder);
  EXPECT_TRUE(claims_->release().empty());
  EXPECT_EQ(Mounted(first_->path(), folder_ / "mnt").error(), 0);
}

TEST_F(DiskClaims, ReplaceAHolderOfOtherDisks) {
  claims_->claim({first_->disk()});
  claims_->claim({second_->disk()});
  EXPECT_EQ(claims_->held(), std::vector{second_->path()});
  EXPECT_EQ(exclusive_open(first_->path()), 0);
  claims_->claim({});
  EXPECT_TRUE(claims_->held().empty());
}

TEST_F(DiskClaims, SayWhereADiskIsMounted) {
  const Mounted mounted(first_->path(), folder_ / "my mount");
  ASSERT_EQ(mounted.error(), 0);
  EXPECT_EQ(message_of({second_->disk(), first_->disk()}).substr(0, first_->path().size() + 30),
            first_->path() + " cannot be held exclusively, i");
  EXPECT_NE(message_of({first_->disk()}).find("is mounted on " + (folder_ / "my mount")), std::string::npos);
  EXPECT_TRUE(claims_->held().empty());
  EXPECT_EQ(exclusive_open(second_->path()), 0);  // all or nothing
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(DiskClaims, AreRefusedWhenAPartitionIsMounted) {
  output_of({"mkfs.ext4", "-q", second_->partition()});
  const Mounted mounted(second_->partition(), folder_ / "mnt");
  ASSERT_EQ(mounted.error(), 0);
  EXPECT_NE(message_of({second_->disk()}).find(second_->partition() + " is mounted on"), std::string::npos);
}

TEST_F(DiskClaims, NameTheProcessThatHasADiskOpen) {
  const FileDescriptor other(::open(first_->path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
  ASSERT_TRUE(other);
  const auto message = message_of({first_->disk()});
  EXPECT_NE(message.find("(pid " + std::to_string(::getpid()) + ")"), std::string::npos) << message;
}

TEST_F(DiskClaims, FailForADiskThatIsGoneOrNotTheOneThatWasFound) {
  domain::Disk gone;
  gone.path = "/dev/rescue-test-no-such-disk";
  EXPECT_NE(message_of({first_->disk(), gone}).find("No such file"), std::string::npos);
  auto renamed = first_->disk();
  renamed.device = "8:9999";
  EXPECT_NE(message_of({renamed}).find("no longer the device"), std::string::npos);
  EXPECT_TRUE(claims_->held().empty());
  EXPECT_EQ(exclusive_open(first_->path()), 0);
}

TEST_F(DiskClaims, CanBeReleasedTwiceAndWithoutAnyHolder) {
  EXPECT_TRUE(claims_->release().empty());
  claims_->claim({first_->disk()});
  EXPECT_TRUE(claims_->release().empty());
  EXPECT_TRUE(claims_->release().empty());
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(DiskClaims, AreMadeAgainAfterTheHolderWasKilled) {
  claims_->claim({first_->disk()});
  ASSERT_EQ(::kill(listener_of(socket_), SIGKILL), 0);
  ASSERT_GT(::waitpid(-1, nullptr, 0), 0);
  EXPECT_TRUE(std::filesystem::exists(socket_));  // stale
  EXPECT_TRUE(claims_->held().empty());
  claims_->claim({first_->disk()});
  EXPECT_EQ(claims_->held(), std::vector{first_->path()});
  EXPECT_EQ(exclusive_open(first_->path()), EBUSY);
}

TEST_F(DiskClaims, AreNotMadeOnAnotherDiskThatHasComeToTheNumber) {
  claims_->claim({first_->disk()});
  auto other_size = first_->disk();
  other_size.size_bytes /= 2;
  EXPECT_NE(message_of({other_size}).find("it has 33554432 bytes, and had 16777216"), std::string::npos);
  EXPECT_EQ(claims_->held(), std::vector{first_->path()}) << "a guest that runs keeps what it has";
  EXPECT_TRUE(claims_->release().empty());
  EXPECT_NE(message_of({other_size}).find("no longer the disk that was found"), std::string::npos);
  EXPECT_TRUE(claims_->held().empty());
}

/// sysfs of another server, with the real numbers of the loop devices.
TEST_F(DiskClaims, AreComparedWithSerialNumberAndWwn) {
  auto disk = first_->disk();
  const auto sysfs = folder_ / "sys";
  const auto device = sysfs + "/devices/pci0000:00/ata1/host0/target0:0:0/0:0:0:0";
  std::filesystem::create_directories(device + "/block/sda/queue");
  std::filesystem::create_directories(sysfs + "/block");
  std::filesystem::create_symlink(device + "/block/sda", sysfs + "/block/sda");
  std::filesystem::create_symlink(device, device + "/block/sda/device");
  std::ofstream(device + "/block/sda/dev") << disk.device;
  std::ofstream(device + "/block/sda/size") << disk.size_bytes / 512;
  std::ofstream(device + "/serial") << "SERIAL1";
  std::ofstream(device + "/wwid") << "naa.5000c500a1b2c3d4";
  linux::HostFiles files;
  files.sysfs = sysfs;
  claims_.emplace(RESCUE_HOLD, socket_, files);
  disk.serial = "SERIAL1";
  disk.wwn = "0x5000c500a1b2c3d4";
  claims_->claim({disk});
  EXPECT_EQ(claims_->held(), std::vector{first_->path()});
  std::ofstream(device + "/wwid") << "naa.5000c500a1b2c3d5";
  EXPECT_NE(message_of({disk}).find("its WWN is 0x5000c500a1b2c3d5, and was 0x5000c500a1b2c3d4"), std::string::npos);
  std::ofstream(device + "/serial") << "SERIAL2";
  EXPECT_NE(message_of({disk}).find("its serial number is SERIAL2, and was SERIAL1"), std::string::npos);
}

/// Two paths to one LUN in sysfs, with the numbers of the loop devices.
TEST_F(DiskClaims, KeepTheOtherPathsToADiskToo) {
  const auto sysfs = folder_ / "sys";
  std::filesystem::create_directories(sysfs + "/block");
  const auto add = [&](const LoopDisk& disk, const std::string& unit) {
    const auto name = disk.path().substr(std::string("/dev/").size());
    const auto device = sysfs + "/devices/pci0000:00/host0/rport-" + unit;
    const auto block = device + "/block/" + name;
    std::filesystem::create_directories(block);
    std::filesystem::create_symlink(block, sysfs + "/block/" + name);
    std::filesystem::create_symlink(device, block + "/device");
    std::ofstream(block + "/dev") << disk.disk().device;
    std::ofstream(block + "/size") << disk.disk().size_bytes / 512;
    std::ofstream(device + "/serial") << "LUN0001";
    std::ofstream(device + "/wwid") << "naa.600508b1001c0009";
    return device;
  };
  (void)add(*first_, "0");
  const auto second = add(*second_, "1");
  linux::HostFiles files;
  files.sysfs = sysfs;
  claims_.emplace(RESCUE_HOLD, socket_, files);
  auto disk = first_->disk();
  disk.serial = "LUN0001";
  disk.wwn = "0x600508b1001c0009";
  {
    const FileDescriptor other(::open(second_->path().c_str(), O_RDONLY | O_EXCL | O_CLOEXEC));
    const auto found = claims_->obstacles({disk});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].path, first_->path());
    EXPECT_EQ(found[0].reason, domain::ExclusionReason::busy);
    const auto in_use = first_->path() + " is another path to " + second_->path() + ", which is in use: ";
    EXPECT_TRUE(found[0].detail.starts_with(in_use)) << found[0].detail;
    EXPECT_TRUE(message_of({disk}).starts_with(in_use));
    EXPECT_EQ(exclusive_open(first_->path()), 0);
  }
  EXPECT_TRUE(claims_->obstacles({disk}).empty());
  claims_->claim({disk});
  EXPECT_EQ(claims_->held(), std::vector{first_->path()});
  EXPECT_EQ(exclusive_open(second_->path()), EBUSY);
  EXPECT_EQ(exclusive_open(second_->partition()), EBUSY);
  EXPECT_TRUE(claims_->obstacles({disk}).empty()) << "it is ourselves";
  claims_->claim({disk});
  EXPECT_TRUE(claims_->release().empty());
  EXPECT_EQ(exclusive_open(second_->path()), 0);
  std::ofstream(second + "/serial") << "LUN0002";
  claims_->claim({disk});
  EXPECT_EQ(exclusive_open(second_->path()), 0) << "another disk";
}

/// The path is gone, or dead: it gives no access to the disk.
TEST_F(DiskClaims, AreNotKeptFromADiskByAnotherPathThatIsDead) {
  Command command;
  command.argv = {RESCUE_HOLD, "--socket", socket_, first_->path(), "--also", "/dev/rescue-test-no-such-disk"};
  std::filesystem::create_directory(folder_ / "run");
  EXPECT_EQ(run(command).status, 0);
  EXPECT_EQ(claims_->held(), std::vector{first_->path()});
  EXPECT_TRUE(claims_->release().empty());
}

TEST_F(DiskClaims, TellWhatCannotBeHeldAndHoldNothingByAsking) {
  EXPECT_TRUE(claims_->obstacles({first_->disk(), second_->disk()}).empty());
  EXPECT_TRUE(claims_->obstacles({}).empty());
  domain::Disk gone;
  gone.path = "/dev/rescue-test-no-such-disk";
  const FileDescriptor other(::open(first_->path().c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
  const auto found = claims_->obstacles({first_->disk(), gone, second_->disk()});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, first_->path());
  EXPECT_EQ(found[0].reason, domain::ExclusionReason::busy);
  EXPECT_NE(found[0].detail.find("(pid " + std::to_string(::getpid()) + ")"), std::string::npos) << found[0].detail;
  EXPECT_EQ(found[1].path, gone.path);
  EXPECT_EQ(found[1].reason, domain::ExclusionReason::offline);
  EXPECT_NE(found[1].detail.find("No such file"), std::string::npos) << found[1].detail;
  EXPECT_EQ(exclusive_open(second_->path()), 0);
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(DiskClaims, AreNoObstacleToThemselves) {
  claims_->claim({first_->disk(), second_->disk()});
  EXPECT_TRUE(claims_->obstacles({first_->disk(), second_->disk()}).empty());
}

/// Our mount table does not have it: the mount is in another mount namespace.
TEST_F(DiskClaims, FindADiskThatIsMountedInAnotherMountNamespace) {
  int mounted[2];
  int end[2];
  ASSERT_EQ(::pipe(mounted), 0);
  ASSERT_EQ(::pipe(end), 0);
  const pid_t other = ::fork();
  if (other == 0) {
    std::filesystem::create_directory(folder_ / "apart");
    const bool done = ::unshare(CLONE_NEWNS) == 0 &&
                      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                      ::mount(first_->path().c_str(), (folder_ / "apart").c_str(), "ext4", 0, "") == 0;
    char byte = done ? '1' : '0';
    (void)!::write(mounted[1], &byte, 1);
    (void)!::read(end[0], &byte, 1);
    ::_exit(0);
  }
  char done = '0';
  ASSERT_EQ(::read(mounted[0], &done, 1), 1);
  ASSERT_EQ(done, '1');
  const auto found = claims_->obstacles({first_->disk(), second_->disk()});
  (void)!::write(end[1], "x", 1);
  ASSERT_EQ(::waitpid(other, nullptr, 0), other);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].path, first_->path());
  EXPECT_EQ(found[0].reason, domain::ExclusionReason::busy);
  for (const int fd : {mounted[0], mounted[1], end[0], end[1]}) ::close(fd);
}

/// A loop device over a file in a full file system: its writes fail like those of a dying disk.
TEST_F(DiskClaims, LetGoOfADiskThatCannotBeFlushedAndSayIt) {
  const auto small = folder_ / "small";
  std::filesystem::create_directory(small);
  ASSERT_EQ(::mount("none", small.c_str(), "tmpfs", 0, "size=256k"), 0);
  {
    const LoopDisk failing(small + "/disk", LoopDisk::Content::partition);
    claims_->claim({failing.disk(), first_->disk()});
    const FileDescriptor guest(::open(failing.path().c_str(), O_RDWR | O_CLOEXEC));
    const std::string data(std::size_t{4} << 20, 'x');
    ASSERT_EQ(::write(guest.get(), data.data(), data.size()), static_cast<ssize_t>(data.size()));
    const auto problems = claims_->release();
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_NE(problems[0].find("not everything could be written to " + failing.path() + ": "), std::string::npos)
        << problems[0];
    EXPECT_TRUE(claims_->held().empty());
    EXPECT_EQ(exclusive_open(first_->path()), 0);
  }
  EXPECT_EQ(::umount(small.c_str()), 0);
}

TEST_F(DiskClaims, SurviveBrokenClients) {
  claims_->claim({first_->disk()});
  for (const std::string& text : {std::string(), std::string("rel"), std::string("nonsense\n"), std::string(9000, 'x'),
                                  std::string(64, '\0'), std::string("releas\ne")}) {
    const auto client = unix_socket();
    ASSERT_EQ(connect_unix(client, socket_), 0);
    (void)!::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  EXPECT_EQ(claims_->held(), std::vector{first_->path()});
}

TEST_F(DiskClaims, AreHeldByAProcessThatIsHardToEndByAccident) {
  claims_->claim({first_->disk()});
  const auto holder = listener_of(socket_);
  ASSERT_GT(holder, 0);
  int score = 0;
  std::ifstream("/proc/" + std::to_string(holder) + "/oom_score_adj") >> score;
  EXPECT_EQ(score, may_lower_oom_score() ? -1000 : 0);
  EXPECT_EQ(::getsid(holder), holder);
  struct stat status {};
  ASSERT_EQ(::stat(socket_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGUSR1}) ASSERT_EQ(::kill(holder, signal), 0);
  EXPECT_EQ(claims_->held(), std::vector{first_->path()});
  ASSERT_EQ(::kill(holder, SIGTERM), 0);  // as the host's shutdown: releases the disks
  int exit_status = -1;
  EXPECT_EQ(::waitpid(holder, &exit_status, 0), holder);
  EXPECT_EQ(exit_status, 0);
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(DiskClaims, ASecondHolderOnALiveSocketIsRefused) {
  claims_->claim({first_->disk()});
  Command command;
  command.argv = {RESCUE_HOLD, "--socket", socket_, second_->path()};
  const auto completed = run(command);
  EXPECT_EQ(completed.status, 3);
  EXPECT_NE(completed.err.find("already listens"), std::string::npos);
  EXPECT_EQ(claims_->held(), std::vector{first_->path()});
}

/// A loop device stays read-only after its detach; an open for writing then fails with EACCES.
TEST(LoopDisks, AreWritableAfterSomebodyHasSetTheDeviceReadOnly) {
  if (const auto reason = loop_devices_missing(); !reason.empty()) GTEST_SKIP() << reason;
  const Folder folder;
  std::string device;
  {
    const LoopDisk earlier(folder / "earlier", LoopDisk::Content::ext4);
    device = earlier.path();
    output_of({"blockdev", "--setro", device});
  }
  {
    const LoopDisk disk(folder / "disk", LoopDisk::Content::ext4);
    EXPECT_EQ(disk.path(), device) << "another program took the device: nothing was tested";
    EXPECT_EQ(exclusive_open(disk.path()), 0);
    const Mounted mounted(disk.path(), folder / "mnt");
    EXPECT_EQ(mounted.error(), 0);
  }
  output_of({"blockdev", "--setrw", device});
}

TEST(DiskClaimsWithoutDisks, RefuseWhatIsNoDisk) {
  const Folder folder;
  std::ofstream(folder / "file") << "x";
  LinuxDiskClaims claims(RESCUE_HOLD, folder / "hold.sock");
  domain::Disk file;
  file.path = folder / "file";
  EXPECT_THROW(claims.claim({file}), Error);
  EXPECT_TRUE(claims.held().empty());
  LinuxDiskClaims without_program("/nonexistent/rescue-hold", folder / "hold.sock");
  EXPECT_THROW(without_program.claim({file}), Error);
}

}  // namespace
}  // namespace rescue::tests
