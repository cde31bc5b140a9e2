// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "orchestrator/linux/disks/linux_disk_inventory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace rescue::linux {
namespace {

using domain::DiskSurvey;

/// Recorded on Debian 12's kernel in a QEMU machine with every kind of disk (tests/fixtures/disks/record).
constexpr const char* plain = "qemu-plain";          ///< nothing in use
constexpr const char* assembled = "qemu-assembled";  ///< md, multipath and LVM active, a mount, a swap area

class RecordedDisks : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    use(plain);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void use(const std::string& recording) {
    const auto root = std::string(RESCUE_DISK_FIXTURES) + "/" + recording;
    sources_.files = {root + "/sys", root + "/proc/mountinfo", "", root + "/proc/swaps"};
    sources_.resolve = [devices = BlockDevices::read(root + "/sys")](const std::string& path) {
      const auto device = path.starts_with("/dev/") ? devices.device_of(path.substr(5)) : std::string();
      return device.empty() ? ResolvedPath{} : ResolvedPath{ResolvedPath::Kind::block_device, device};
    };
    sources_.udev = [](const BlockDevice&) { return std::nullopt; };
  }
  /// Other mounts than those that were recorded.
  void mounts(const std::string& mountinfo) {
    sources_.files.mountinfo = folder_ + "/mountinfo";
    std::ofstream(sources_.files.mountinfo) << mountinfo;
  }
  [[nodiscard]] DiskSurvey survey(const domain::DiskRules& rules = {}) {
    return LinuxDiskInventory(sources_).survey(rules);
  }
  /// "path reason: detail" of each excluded disk.
  [[nodiscard]] std::map<std::string, std::string> excluded(const domain::DiskRules& rules = {}) {
    std::map<std::string, std::string> lines;
    for (const auto& disk : survey(rules).excluded) {
      lines[disk.path] = fmt::format("{}: {}", domain::name_of(disk.reason), disk.detail);
    }
    return lines;
  }
  [[nodiscard]] std::vector<std::string> usable(const domain::DiskRules& rules = {}) {
    std::vector<std::string> paths;
    for (const auto& disk : survey(rules).usable) paths.push_back(disk.path);
    return paths;
  }

  InventorySources sources_;
  std::string folder_ = "/tmp/rescue-inventory.XXXXXX";
};

TEST_F(RecordedDisks, AreDescribedAsTheHardwareDoes) {
  std::vector<std::string> lines;
  for (const auto& disk : survey().usable) {
    lines.push_back(fmt::format("{} {} {} serial={} wwn={} {}|{} {}M {}/{} {}", disk.path, disk.device, disk.transport,
                                disk.serial, disk.wwn, disk.vendor, disk.model, disk.size_bytes >> 20,
                                disk.logical_block_size, disk.physical_block_size,
                                disk.rotational ? "rotates" : "solid"));
    EXPECT_EQ(disk.stable_path, disk.path);  // no udev in the recording
  }
  EXPECT_EQ(lines,
            (std::vector<std::string>{
                "/dev/nvme0n1 259:1 nvme serial=NVME0001 wwn= |QEMU NVMe Ctrl 64M 512/512 solid",
                "/dev/nvme1n1 259:2 nvme serial=NVME0002 wwn= |QEMU NVMe Ctrl 64M 4096/4096 solid",
                "/dev/sdf 8:80 sas serial=LVM0001 wwn=0x5000c500a1b2c3d4 SEAGATE|ST4000NM0023 64M 512/512 rotates",
                "/dev/sdg 8:96 sas serial=SAS4KN01 wwn=0x5000cca26f000001 HGST|HUH721212AL4200 64M 4096/4096 rotates",
                "/dev/sda 8:0 sata serial=SATA0001 wwn=0x5002538e40a1b2c3 ATA|SAMSUNG MZ7LH480 64M 512/512 solid",
                "/dev/sdb 8:16 scsi serial=MD0001 wwn=0x5000c50000000071 QEMU|QEMU HARDDISK 64M 512/512 rotates",
                "/dev/sdc 8:32 scsi serial=MD0002 wwn=0x5000c50000000072 QEMU|QEMU HARDDISK 64M 512/512 rotates",
                "/dev/sdd 8:48 scsi serial=LUN0001 wwn=0x600508b1001c0009 QEMU|QEMU HARDDISK 64M 512/512 rotates",
                "/dev/vda 254:0 virtio serial=VIRTIO0001 wwn= | 64M 512/512 rotates"}));
}

TEST_F(RecordedDisks, AreLeftOutForTheirOwnReasons) {
  const auto out = excluded();
  EXPECT_EQ(out.at("/dev/sdh"), "read-only-device: the kernel has /dev/sdh read-only (blockdev --getro)");
  EXPECT_EQ(out.at("/dev/sde"), "assembled: /dev/sde is another path to the same disk as /dev/sdd (WWN "
                                "0x600508b1001c0009); the guest gets one");
  EXPECT_EQ(out.size(), 2U) << "neither the optical drive, nor idle loop devices, nor the hidden NVMe path";
}

TEST_F(RecordedDisks, InUseByTheHostAreLeftOutWithTheUse) {
  use(assembled);
  const auto out = excluded();
  EXPECT_EQ(out.at("/dev/sdb"), "assembled: /dev/sdb is part of the active device /dev/md0");
  EXPECT_EQ(out.at("/dev/sdc"), "assembled: /dev/sdc is part of the active device /dev/md0");
  EXPECT_EQ(out.at("/dev/sdd"), "assembled: /dev/sdd is part of the active device /dev/dm-0 (mpatha)");
  EXPECT_EQ(out.at("/dev/sde"), "assembled: /dev/sde is part of the active device /dev/dm-0 (mpatha)");
  EXPECT_EQ(out.at("/dev/sdf"), "assembled: /dev/sdf1 is part of the active device /dev/dm-1 (vg0-root)");
  EXPECT_EQ(out.at("/dev/vda"), "mounted: /dev/vda1 is mounted on /mnt/vdapart");
  EXPECT_EQ(out.at("/dev/nvme0n1"), "mounted: /dev/nvme0n1p1 is swap");
  EXPECT_TRUE(out.at("/dev/md0").starts_with("virtual-device: "));
  EXPECT_TRUE(out.at("/dev/dm-0").starts_with("virtual-device: "));
  EXPECT_EQ(usable(), (std::vector<std::string>{"/dev/nvme1n1", "/dev/sdg", "/dev/sda"}));
}

TEST_F(RecordedDisks, UnderTheRootOfTheHostAreFoundThroughLvmAndRaid) {
  use(assembled);
  mounts("1 0 252:1 / / rw - ext4 /dev/mapper/vg0-root rw\n2 1 9:0 / /srv rw - xfs /dev/md0 rw\n");
  const auto out = excluded();
  EXPECT_EQ(out.at("/dev/sdf"), "host-root: /dev/dm-1 (vg0-root) is mounted on /, and is built on /dev/sdf");
  EXPECT_EQ(out.at("/dev/sdb"), "mounted: /dev/md0 is mounted on /srv, and is built on /dev/sdb");
  EXPECT_EQ(out.at("/dev/sdc"), "mounted: /dev/md0 is mounted on /srv, and is built on /dev/sdc");
}

TEST_F(RecordedDisks, AreFoundByTheMapperNameWhereTheFileSystemHidesTheNumber) {
  use(assembled);
  mounts("1 0 0:33 /@ / rw - btrfs /dev/mapper/vg0-root rw,subvol=/@\n");
  EXPECT_TRUE(excluded().at("/dev/sdf").starts_with("host-root: "));
}

TEST_F(RecordedDisks, OfALiveSystemInRamAreAllUsable) {
  mounts("1 0 0:20 / / rw - overlay overlay rw,lowerdir=/run/live/rootfs/filesystem.squashfs/,upperdir=/run/live/"
         "overlay/rw,workdir=/run/live/overlay/work\n"
         "2 1 0:21 / /run rw - tmpfs tmpfs rw\n3 2 7:0 / /run/live/rootfs/filesystem.squashfs ro - squashfs "
         "/dev/loop0 ro\n4 2 0:22 / /run/live/overlay rw - tmpfs tmpfs rw\n");
  EXPECT_EQ(usable().size(), 9U);
}

TEST_F(RecordedDisks, WithALayerOfTheLiveRootAreTheHosts) {
  mounts("1 0 0:20 / / rw - overlay overlay rw,lowerdir=/run/live/medium/live,upperdir=/run/rw,workdir=/run/work\n"
         "2 1 0:21 / /run rw - tmpfs tmpfs rw\n3 2 8:81 / /run/live/medium ro - ext4 /dev/sdf1 ro\n");
  EXPECT_TRUE(excluded().at("/dev/sdf").starts_with("host-root: /dev/sdf holds a layer of what is mounted on /"));
}

TEST_F(RecordedDisks, MountedInTheInitNamespaceOnlyAreFoundToo) {
  sources_.files.init_mountinfo = folder_ + "/init";
  std::ofstream(sources_.files.init_mountinfo) << "1 0 8:0 / /far\\040away rw - ext4 /dev/sda rw\n";
  EXPECT_EQ(excluded().at("/dev/sda"), "mounted: /dev/sda is mounted on /far away");
}

TEST_F(RecordedDisks, AreNotGivenAwayWhenTheMountsAreUnknown) {
  sources_.files.mountinfo = folder_ + "/nonesuch";
  EXPECT_THROW((void)survey(), Error);
}

TEST_F(RecordedDisks, AreLimitedToThoseThatAreNamed) {
  EXPECT_EQ(usable({{"/dev/sdg", "nvme1n1"}, {}}), (std::vector<std::string>{"/dev/nvme1n1", "/dev/sdg"}));
  const auto out = excluded({{"/dev/sdg"}, {}});
  EXPECT_EQ(out.at("/dev/sdh"), "not-in-only: disks.only does not name it");
  EXPECT_EQ(out.size(), 10U);
}

TEST_F(RecordedDisks, ThatAreNamedAndInUseStayOut) {
  use(assembled);
  EXPECT_TRUE(usable({{"/dev/sdb", "/dev/vda"}, {}}).empty());
  EXPECT_TRUE(excluded({{"/dev/sdb"}, {}}).at("/dev/sdb").starts_with("assembled: "));
  EXPECT_EQ(usable({{"/dev/md0"}, {}}), std::vector<std::string>{"/dev/md0"});  // its members are the host's, it is not
}

TEST_F(RecordedDisks, CanBeExcludedByName) {
  EXPECT_EQ(excluded({{}, {"/dev/sda"}}).at("/dev/sda"), "excluded: disks.exclude names it (/dev/sda)");
  EXPECT_EQ(usable({{"sda", "sdg"}, {"sda"}}), std::vector<std::string>{"/dev/sdg"});
}

TEST_F(RecordedDisks, AreWhatTheRulesMustName) {
  const auto problem = [&](const domain::DiskRules& rules) {
    try {
      (void)survey(rules);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::config_invalid);
      return std::string(error.what()) + " | " + error.hint();
    }
    return std::string("none");
  };
  EXPECT_EQ(problem({{"/dev/sdf1"}, {}}),
            "disks.only names /dev/sdf1, which is a partition of /dev/sdf | Name the whole disk: /dev/sdf.");
  EXPECT_TRUE(problem({{}, {"/dev/sdz"}}).starts_with("disks.exclude names /dev/sdz, which does not exist"));
  EXPECT_TRUE(problem({{"/dev/sr0"}, {}}).starts_with("disks.only names /dev/sr0, which is an optical or floppy"));
  EXPECT_TRUE(problem({{""}, {}}).starts_with("disks.only names an empty path"));
}

TEST_F(RecordedDisks, TakeWhatUdevKnowsBesides) {
  sources_.udev = [](const BlockDevice& device) -> std::optional<Identity> {
    if (device.name != "sda") return std::nullopt;
    return Identity{"", "", "", "SAMSUNG MZ7LH480HAHQ-00005", "", "/dev/disk/by-id/ata-SAMSUNG_SATA0001"};
  };
  const auto disks = survey({{"sda"}, {}}).usable;
  ASSERT_EQ(disks.size(), 1U);
  EXPECT_EQ(disks[0].stable_path, "/dev/disk/by-id/ata-SAMSUNG_SATA0001");
  EXPECT_EQ(disks[0].model, "SAMSUNG MZ7LH480HAHQ-00005");
  EXPECT_EQ(disks[0].serial, "SATA0001");
}

}  // namespace
}  // namespace rescue::linux
