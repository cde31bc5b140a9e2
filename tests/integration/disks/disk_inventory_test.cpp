// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "orchestrator/linux/disks/linux_disk_inventory.hpp"
#include "tests/integration/disks/loop_disk.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

namespace rescue::tests {
namespace {

using domain::ExclusionReason;
using linux::LinuxDiskInventory;

const domain::ExcludedDisk* excluded(const domain::DiskSurvey& survey, const std::string& path) {
  const auto found =
      std::find_if(survey.excluded.begin(), survey.excluded.end(), [&](const auto& disk) { return disk.path == path; });
  return found == survey.excluded.end() ? nullptr : &*found;
}

class DiskInventory : public testing::Test {
protected:
  void SetUp() override {
    if (const auto reason = loop_devices_missing(); !reason.empty()) GTEST_SKIP() << reason;
    disk_.emplace(folder_ / "disk", LoopDisk::Content::ext4);
    other_.emplace(folder_ / "other", LoopDisk::Content::partition);
  }
  Folder folder_;
  std::optional<LoopDisk> disk_;
  std::optional<LoopDisk> other_;
};

TEST_F(DiskInventory, OffersTheDisksThatAreNamedAndNoOther) {
  std::filesystem::create_symlink(disk_->path(), folder_ / "link");
  const auto survey = LinuxDiskInventory().survey({{folder_ / "link"}, {}});
  ASSERT_EQ(survey.usable.size(), 1U);
  const auto& disk = survey.usable[0];
  EXPECT_EQ(disk.path, disk_->path());
  EXPECT_EQ(disk.device, disk_->disk().device);
  EXPECT_EQ(disk.size_bytes, std::uint64_t{32} << 20);
  EXPECT_EQ(disk.logical_block_size, 512U);
  EXPECT_EQ(disk.transport, "loop");
  for (const auto& left_out : survey.excluded)
    EXPECT_EQ(left_out.reason, ExclusionReason::not_in_only) << left_out.path;
  EXPECT_NE(excluded(survey, other_->path()), nullptr);
}

TEST_F(DiskInventory, LeavesLoopDevicesOutUnlessTheyAreNamed) {
  const auto survey = LinuxDiskInventory().survey({});
  ASSERT_NE(excluded(survey, disk_->path()), nullptr);
  EXPECT_EQ(excluded(survey, disk_->path())->reason, ExclusionReason::virtual_device);
  for (const auto& disk : survey.usable) EXPECT_NE(disk.transport, "loop");
}

TEST_F(DiskInventory, DoesNotOfferWhatIsMountedEvenWhenItIsNamed) {
  const Mounted mounted(disk_->path(), folder_ / "mnt");
  ASSERT_EQ(mounted.error(), 0);
  const auto survey = LinuxDiskInventory().survey({{disk_->path()}, {}});
  EXPECT_TRUE(survey.usable.empty());
  ASSERT_NE(excluded(survey, disk_->path()), nullptr);
  EXPECT_EQ(excluded(survey, disk_->path())->reason, ExclusionReason::mounted);
  EXPECT_EQ(excluded(survey, disk_->path())->detail, disk_->path() + " is mounted on " + (folder_ / "mnt"));
}

TEST_F(DiskInventory, DoesNotOfferADiskUnderALoopDevice) {
  for (const auto& below : {disk_->path(), other_->partition()}) {
    const auto whole = below == disk_->path() ? below : other_->path();
    const auto above = attach_loop_device(below);
    const auto survey = LinuxDiskInventory().survey({{whole}, {}});
    detach_loop_device(above);
    EXPECT_TRUE(survey.usable.empty()) << below;
    ASSERT_NE(excluded(survey, whole), nullptr);
    EXPECT_EQ(excluded(survey, whole)->reason, ExclusionReason::assembled);
    EXPECT_EQ(excluded(survey, whole)->detail, below + " is part of the active device " + above);
  }
}

TEST_F(DiskInventory, DoesNotOfferADiskUnderALoopDeviceOnALoopDeviceThatIsMounted) {
  const auto middle = attach_loop_device(disk_->path());
  const auto top = attach_loop_device(middle);
  {
    const Mounted mounted(top, folder_ / "mnt");
    EXPECT_EQ(mounted.error(), 0);
    const auto survey = LinuxDiskInventory().survey({{disk_->path()}, {}});
    EXPECT_TRUE(survey.usable.empty());
    ASSERT_NE(excluded(survey, disk_->path()), nullptr);
    EXPECT_EQ(excluded(survey, disk_->path())->reason, ExclusionReason::mounted);
    EXPECT_EQ(excluded(survey, disk_->path())->detail,
              top + " is mounted on " + (folder_ / "mnt") + ", and is built on " + disk_->path());
  }
  detach_loop_device(top);
  detach_loop_device(middle);
}

/// Its backing file is a device node that no table lists by that name.
TEST_F(DiskInventory, DoesNotOfferADiskUnderALoopDeviceThatWasMadeByAnotherNode) {
  struct stat status {};
  ASSERT_EQ(::stat(disk_->path().c_str(), &status), 0);
  const auto node = folder_ / "node";
  ASSERT_EQ(::mknod(node.c_str(), S_IFBLK | 0600, status.st_rdev), 0);
  const auto above = attach_loop_device(node);
  const auto survey = LinuxDiskInventory().survey({{disk_->path()}, {}});
  detach_loop_device(above);
  EXPECT_TRUE(survey.usable.empty());
}

TEST_F(DiskInventory, NeverOffersTheDiskOfOurOwnRoot) {
  if (linux::resolve_path("/dev/vda").device.empty()) GTEST_SKIP() << "this machine's root is not on a disk vda";
  const auto survey = LinuxDiskInventory().survey({{"vda"}, {}});
  ASSERT_NE(excluded(survey, "/dev/vda"), nullptr);
  EXPECT_EQ(excluded(survey, "/dev/vda")->reason, ExclusionReason::host_root);
}

TEST_F(DiskInventory, ExplainsAPathThatIsNoWholeDisk) {
  const auto problem = [](const std::string& path) {
    try {
      (void)LinuxDiskInventory().survey({{path}, {}});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::config_invalid);
      EXPECT_NE(error.hint(), "");
      return std::string(error.what());
    }
    return std::string("none");
  };
  std::ofstream(folder_ / "file").close();
  EXPECT_EQ(problem("/dev/nonesuch"), "disks.only names /dev/nonesuch, which does not exist");
  EXPECT_EQ(problem(folder_ / "file"), "disks.only names " + (folder_ / "file") + ", which is not a block device");
  EXPECT_EQ(problem("/dev/null"), "disks.only names /dev/null, which is not a block device");
  EXPECT_EQ(problem(other_->partition()),
            "disks.only names " + other_->partition() + ", which is a partition of " + other_->path());
}

/// udev's database in a private /run, read by the real libudev; uses no udevd.
TEST_F(DiskInventory, TakesLinkAndNamesFromUdevsDatabase) {
  const auto devices = linux::BlockDevices::read("/sys");
  const auto* device = devices.whole_of(disk_->disk().device);
  ASSERT_NE(device, nullptr);
  std::optional<linux::Identity> identity;
  std::thread([&] {  // unshare moves only this thread into the new mount namespace
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    for (const auto* folder : {"/run", "/dev"}) ASSERT_EQ(::mount("tmpfs", folder, "tmpfs", 0, nullptr), 0);
    std::filesystem::create_directories("/run/udev/data");
    std::filesystem::create_directories("/dev/disk/by-id");
    for (const auto* link : {"ata-ACME_Disk_S1", "wwn-0x5000c500a1b2c3d4"}) {
      std::ofstream(std::string("/dev/disk/by-id/") + link) << "";
    }
    std::ofstream("/run/udev/data/b" + device->device)
        << "S:disk/by-id/wwn-0x5000c500a1b2c3d4\nS:disk/by-id/ata-ACME_Disk_S1\nS:disk/by-id/lvm-pv-uuid-x\n"
           "S:disk/by-path/pci-0\nI:12345\nE:ID_SERIAL_SHORT=S1\nE:ID_WWN=0x5000c500a1b2c3d4\n"
           "E:ID_MODEL_ENC=ACME\\x20Disk\\x20\\x20\nE:ID_VENDOR_ENC=ACME\\x20\nE:ID_FS_TYPE=isw_raid_member\n";
    identity = linux::identity_from_udev(*device);
  })
      .join();
  ASSERT_TRUE(identity);
  EXPECT_EQ(linux::stable_links(identity->links),
            (std::vector<std::string>{"/dev/disk/by-id/ata-ACME_Disk_S1", "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4"}));
  EXPECT_EQ(identity->links.size(), 4U);
  EXPECT_EQ(identity->content, "isw_raid_member");
  EXPECT_EQ(identity->serial, "S1");
  EXPECT_EQ(identity->wwn, "0x5000c500a1b2c3d4");
  EXPECT_EQ(identity->model, "ACME Disk");
  EXPECT_EQ(identity->vendor, "ACME");
}

}  // namespace
}  // namespace rescue::tests
