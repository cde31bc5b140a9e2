// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "tests/unit/disks/recorded_disks.hpp"

namespace rescue::linux {
namespace {

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
  EXPECT_EQ(usable({{"/dev/md0"}, {}}), std::vector<std::string>{"/dev/md0"});  // the host uses its members only
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
    return Identity{"", "", "", "SAMSUNG MZ7LH480HAHQ-00005", "", {"/dev/disk/by-id/ata-SAMSUNG_SATA0001"}, "", ""};
  };
  link("/dev/disk/by-id/ata-SAMSUNG_SATA0001", "8:0");
  const auto disks = survey({{"sda"}, {}}).usable;
  ASSERT_EQ(disks.size(), 1U);
  EXPECT_EQ(disks[0].stable_path, "/dev/disk/by-id/ata-SAMSUNG_SATA0001");
  EXPECT_EQ(disks[0].model, "SAMSUNG MZ7LH480HAHQ-00005");
  EXPECT_EQ(disks[0].serial, "SATA0001");
}

/// Two namespaces of one NVMe controller under real udev: both claim nvme-MODEL_SERIAL, and the last one gets it.
TEST_F(RecordedDisks, ThatShareALinkAreNamedWithoutIt) {
  const std::string shared = "/dev/disk/by-id/nvme-MODEL_SERIAL";
  const std::string own = "/dev/disk/by-id/nvme-nvme.1b36-4e56-51-00000001";
  udev("nvme0n1", {"", "", "", "", "", {shared, own}, "", ""});
  udev("nvme1n1", {"", "", "", "", "", {shared}, "", ""});
  link(own, "259:1");
  for (const auto* leads_to : {"259:1", "259:2"}) {
    link(shared, leads_to);
    std::map<std::string, std::string> paths;
    for (const auto& disk : survey().usable) paths[disk.path] = disk.stable_path;
    EXPECT_EQ(paths.at("/dev/nvme0n1"), own);
    EXPECT_EQ(paths.at("/dev/nvme1n1"), "/dev/nvme1n1");
    EXPECT_EQ(survey({{}, {"nvme1n1"}}).usable.at(0).stable_path, own) << "one that is left out claims it all the same";
  }
}

TEST_F(RecordedDisks, AreNotNamedByALinkThatLeadsElsewhere) {
  const std::string stale = "/dev/disk/by-id/ata-STALE";
  udev("sda", {"", "", "", "", "", {stale}, "", ""});
  EXPECT_EQ(survey({{"sda"}, {}}).usable.at(0).stable_path, "/dev/sda") << "it is not there";
  link(stale, "8:16");
  EXPECT_EQ(survey({{"sda"}, {}}).usable.at(0).stable_path, "/dev/sda") << "it is another disk's";
}

TEST_F(RecordedDisks, AreNotNamedInTheRulesByALinkThatTwoClaim) {
  const std::string shared = "/dev/disk/by-id/nvme-MODEL_SERIAL";
  udev("nvme0n1", {"", "", "", "", "", {shared}, "", ""});
  udev("nvme1n1", {"", "", "", "", "", {shared}, "", ""});
  link(shared, "259:2");
  for (const auto& rules : {domain::DiskRules{{shared}, {}}, domain::DiskRules{{}, {shared}}}) {
    try {
      (void)survey(rules);
      ADD_FAILURE() << "which of the two is meant?";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::config_invalid);
      EXPECT_NE(std::string(error.what()).find("several disks claim: /dev/nvme0n1, /dev/nvme1n1"), std::string::npos)
          << error.what();
    }
  }
}

TEST_F(RecordedDisks, UnderALoopDeviceAreInUse) {
  copy();
  add_virtual("loop7", "7:7");
  add_virtual("loop8", "7:8");
  set("loop7", "loop/backing_file", "/dev/sda");
  EXPECT_EQ(excluded().at("/dev/sda"), "assembled: /dev/sda is part of the active device /dev/loop7");
  set("loop7", "loop/backing_file", "/dev/sdf1");
  EXPECT_EQ(excluded().at("/dev/sdf"), "assembled: /dev/sdf1 is part of the active device /dev/loop7");
  mounts("1 0 0:20 / / rw - tmpfs tmpfs rw\n2 1 7:7 / /mnt rw - ext4 /dev/loop7 rw\n");
  EXPECT_EQ(excluded().at("/dev/sdf"), "mounted: /dev/loop7 is mounted on /mnt, and is built on /dev/sdf");
  set("loop8", "loop/backing_file", "/dev/loop7");
  mounts("1 0 7:8 / / rw - ext4 /dev/loop8 rw\n");
  EXPECT_EQ(excluded().at("/dev/sdf"), "host-root: /dev/loop8 is mounted on /, and is built on /dev/sdf");
  EXPECT_TRUE(excluded({{"loop7"}, {}}).at("/dev/loop7").starts_with("host-root: "));
}

TEST_F(RecordedDisks, UnderASwapAreaOnALoopDeviceAreInUse) {
  copy();
  add_virtual("loop7", "7:7");
  set("loop7", "loop/backing_file", "/dev/sda (deleted)");
  sources_.files.swaps = folder_ + "/swaps";
  std::ofstream(sources_.files.swaps) << "Filename\tType\tSize\tUsed\tPriority\n/dev/loop7 partition\t1\t0\t-2\n";
  EXPECT_EQ(excluded().at("/dev/sda"), "mounted: /dev/loop7 is swap, and is built on /dev/sda");
}

TEST_F(RecordedDisks, ThatTakeWhatZramSwapsOutAreInUse) {
  copy();
  add_virtual("zram0", "251:0");
  set("zram0", "backing_dev", "none");
  EXPECT_FALSE(excluded().contains("/dev/sda"));
  set("zram0", "backing_dev", "/dev/sda");
  EXPECT_EQ(excluded().at("/dev/sda"), "assembled: /dev/sda is part of the active device /dev/zram0");
}

TEST_F(RecordedDisks, ThatHoldALogOrAPartOfAFileSystemAreMounted) {
  mounts("1 0 0:20 / / rw - tmpfs tmpfs rw\n"
         "2 1 8:0 / /srv rw - xfs /dev/sda rw,attr2,logdev=/dev/sdf1,rtdev=/dev/vda1,noquota\n"
         "3 1 0:40 / /data rw - bcachefs /dev/sdb:/dev/sdc rw\n");
  const auto out = excluded();
  EXPECT_EQ(out.at("/dev/sdf"), "mounted: /dev/sdf1 is part of what is mounted on /srv");
  EXPECT_EQ(out.at("/dev/vda"), "mounted: /dev/vda1 is part of what is mounted on /srv");
  EXPECT_EQ(out.at("/dev/sdb"), "mounted: /dev/sdb is part of what is mounted on /data");
  EXPECT_EQ(out.at("/dev/sdc"), "mounted: /dev/sdc is part of what is mounted on /data");
}

TEST_F(RecordedDisks, ThatTheKernelHasGivenUpAreLeftOut) {
  copy();
  for (const auto* state : {"offline", "transport-offline", "deleted", "cancel"}) {
    set("sdb", "device/state", state);
    EXPECT_EQ(excluded().at("/dev/sdb"),
              fmt::format("offline: the kernel has /dev/sdb as {}: it does not answer (dmesg "
                          "says why)",
                          state));
    EXPECT_TRUE(excluded({{"sdb"}, {}}).at("/dev/sdb").starts_with("offline: "));
  }
  set("nvme1n1", "device/state", "dead");
  EXPECT_TRUE(excluded().at("/dev/nvme1n1").starts_with("offline: "));
  for (const auto* state : {"running", "blocked", "live", "resetting"}) {
    set("sdb", "device/state", state);
    EXPECT_FALSE(excluded().contains("/dev/sdb")) << state;
  }
}

TEST_F(RecordedDisks, WithZonesThatTheHostManagesAreLeftOut) {
  copy();
  set("sdg", "queue/zoned", "host-aware");  // accepts any write
  EXPECT_FALSE(excluded().contains("/dev/sdg"));
  set("sdg", "queue/zoned", "host-managed");
  EXPECT_TRUE(excluded().at("/dev/sdg").starts_with("zoned: ")) << excluded().at("/dev/sdg");
  set("sda", "device/type", "20");
  EXPECT_TRUE(excluded({{"sda"}, {}}).at("/dev/sda").starts_with("zoned: ")) << "though it is named";
  EXPECT_EQ(usable().size(), 7U) << "the others go in";
}

TEST_F(RecordedDisks, AreNotTheFlashOfTheBoard) {
  copy();
  for (const auto* name : {"mtdblock0", "mmcblk0boot0", "mmcblk0boot1", "mmcblk0rpmb"}) {
    const auto folder = "/devices/pci0000:00/0000:00:1f.5/spi/" + std::string(name);
    std::filesystem::create_directories(sources_.files.sysfs + folder);
    std::filesystem::create_symlink(".." + folder, sources_.files.sysfs + "/block/" + name);
    set(name, "dev", "31:" + std::to_string(std::string_view(name).size()));
    set(name, "size", "32768");
    set(name, "ro", "0");
    const auto path = "/dev/" + std::string(name);
    link(path, "31:" + std::to_string(std::string_view(name).size()));
    EXPECT_TRUE(excluded().at(path).starts_with("firmware-storage: ")) << excluded().at(path);
    EXPECT_TRUE(usable({{name}, {}}).empty()) << "though it is named";
    std::filesystem::remove(sources_.files.sysfs + "/block/" + name);
  }
}

TEST_F(RecordedDisks, InAnArrayOfTheFirmwareAreLeftOutEvenWhenOneIsNamed) {
  for (const auto* content : {"isw_raid_member", "ddf_raid_member"}) {
    udev("sdb", {"", "", "", "", "", {}, content, ""});
    udev("sdc", {"", "", "", "", "", {}, content, ""});
    EXPECT_TRUE(excluded().at("/dev/sdb").starts_with("firmware-raid: ")) << excluded().at("/dev/sdb");
    EXPECT_TRUE(excluded().at("/dev/sdc").starts_with("firmware-raid: "));
    EXPECT_TRUE(usable({{"sdb"}, {}}).empty());
  }
}

TEST_F(RecordedDisks, ThatTheBmcShowsAreLeftOutUnlessTheyAreNamed) {
  udev("sdb", {"", "", "", "", "", {}, "vfat", "OEMDRV"});
  EXPECT_TRUE(excluded().at("/dev/sdb").starts_with("virtual-medium: ")) << excluded().at("/dev/sdb");
  EXPECT_EQ(usable({{"sdb"}, {}}), std::vector<std::string>{"/dev/sdb"});
}

TEST_F(RecordedDisks, ByTwoPathsOfWhichOneTellsNoSerialGoInOnce) {
  copy();
  remove_serial("sdd");
  EXPECT_EQ(excluded().at("/dev/sde"), "assembled: /dev/sde is another path to the same disk as /dev/sdd (WWN "
                                       "0x600508b1001c0009); the guest gets one");
  for (const auto& disk : survey().usable) {
    if (disk.path == "/dev/sdd") {
      EXPECT_EQ(disk.serial, "LUN0001") << "the other path tells it";
    }
  }
}

TEST_F(RecordedDisks, OfAnNvmeNamespaceWithTwoPortsGoInOnce) {
  copy();
  set("nvme1n1", "size", read_attribute(sources_.files.sysfs + "/block/nvme0n1/size"));
  std::filesystem::remove(sources_.files.sysfs + "/block/nvme0n1/device/serial");
  for (const auto* wwid : {"uuid.6a5c2f10-1d2a-4c0e-9c5b-1f0a2b3c4d5e", "nvme.1b36-4e56-51454d55-00000001"}) {
    set("nvme0n1", "wwid", wwid);
    set("nvme1n1", "wwid", wwid);
    EXPECT_TRUE(excluded().at("/dev/nvme1n1").starts_with("assembled: /dev/nvme1n1 is another path to the same disk"))
        << wwid;
  }
  set("nvme1n1", "wwid", "nvme.1b36-4e56-51454d55-00000002");  // its second namespace
  EXPECT_FALSE(excluded().contains("/dev/nvme1n1"));
}

}  // namespace
}  // namespace rescue::linux
