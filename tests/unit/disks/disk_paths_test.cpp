// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/disk_paths.hpp"
#include "tests/unit/disks/recorded_disks.hpp"

#include <algorithm>

namespace rescue::linux {
namespace {

/// sdd and sde are two paths to one LUN.
class TwoPaths : public RecordedDisks {
protected:
  void SetUp() override {
    RecordedDisks::SetUp();
    copy();
  }
  [[nodiscard]] bool has(const std::string& path, const domain::DiskRules& rules = {}) {
    const auto paths = usable(rules);
    return std::find(paths.begin(), paths.end(), path) != paths.end();
  }
};

constexpr const char* excluded_sdd =
    "excluded: /dev/sde is another path to /dev/sdd, which is excluded: disks.exclude names it (/dev/sdd)";

TEST_F(TwoPaths, AreBothOutWhenTheRulesExcludeOne) {
  EXPECT_EQ(excluded({{}, {"/dev/sdd"}}).at("/dev/sdd"), "excluded: disks.exclude names it (/dev/sdd)");
  EXPECT_EQ(excluded({{}, {"/dev/sdd"}}).at("/dev/sde"), excluded_sdd);
  EXPECT_EQ(excluded({{}, {"sde"}}).at("/dev/sdd"),
            "excluded: /dev/sdd is another path to /dev/sde, which is excluded: disks.exclude names it (sde)");
  EXPECT_EQ(excluded({{"sde"}, {"/dev/sdd"}}).at("/dev/sde"), excluded_sdd) << "though the rules name it";
}

TEST_F(TwoPaths, AreBothOutWhenTheHostUsesOne) {
  std::filesystem::create_directories(sources_.files.sysfs + "/block/sdd/sdd1");
  set("sdd", "sdd1/partition", "1");
  set("sdd", "sdd1/dev", "8:49");
  const std::string ram = "1 0 0:20 / / rw - tmpfs tmpfs rw\n";
  mounts(ram + "2 1 8:49 / /srv rw - ext4 /dev/sdd1 rw\n");
  const std::string mounted =
      "mounted: /dev/sde is another path to /dev/sdd, which is mounted: /dev/sdd1 is mounted on /srv";
  EXPECT_EQ(excluded().at("/dev/sde"), mounted);
  EXPECT_EQ(excluded({{"sde"}, {}}).at("/dev/sde"), mounted) << "by a path that disks.only does not name";
  mounts("1 0 8:49 / / rw - ext4 /dev/sdd1 rw\n");
  EXPECT_EQ(excluded().at("/dev/sde"),
            "host-root: /dev/sde is another path to /dev/sdd, which is the host's: /dev/sdd1 is mounted on /");
  mounts(ram);
  sources_.files.swaps = folder_ + "/swaps";
  std::ofstream(sources_.files.swaps) << "Filename\tType\tSize\tUsed\tPriority\n/dev/sdd1 partition\t1\t0\t-2\n";
  EXPECT_TRUE(excluded().at("/dev/sde").starts_with("mounted: ")) << excluded().at("/dev/sde");
}

TEST_F(TwoPaths, AreBothOutWhenADeviceIsBuiltOnOne) {
  std::filesystem::create_directories(sources_.files.sysfs + "/block/sdd/holders/md7");
  EXPECT_EQ(excluded().at("/dev/sde"), "assembled: /dev/sde is another path to /dev/sdd, which is assembled: /dev/sdd "
                                       "is part of the active device /dev/md7");
  std::filesystem::remove_all(sources_.files.sysfs + "/block/sdd/holders");
  EXPECT_TRUE(has("/dev/sdd"));
  add_virtual("loop7", "7:7");
  set("loop7", "loop/backing_file", "/dev/sdd");
  EXPECT_EQ(excluded().at("/dev/sde"), "assembled: /dev/sde is another path to /dev/sdd, which is assembled: /dev/sdd "
                                       "is part of the active device /dev/loop7");
}

TEST_F(TwoPaths, AreBothOutWhenOneIsKnownToBeNoDiskForAGuest) {
  udev("sdd", {"", "", "", "", "", {}, "isw_raid_member", ""});
  EXPECT_TRUE(
      excluded()
          .at("/dev/sde")
          .starts_with("firmware-raid: /dev/sde is another path to /dev/sdd, which is in a RAID of the firmware: "));
  udev("sdd", {"", "", "", "", "", {}, "", ""});
  set("sdd", "queue/zoned", "host-managed");
  EXPECT_TRUE(excluded().at("/dev/sde").starts_with("zoned: /dev/sde is another path to /dev/sdd, which is zoned: "));
}

TEST_F(TwoPaths, AreBothOutForTheGravestReason) {
  mounts("1 0 0:20 / / rw - tmpfs tmpfs rw\n2 1 8:48 / /srv rw - ext4 /dev/sdd rw\n");
  add_like("sde", "sdi", "8:128");
  EXPECT_EQ(excluded({{}, {"sdi"}}).at("/dev/sde"),
            "excluded: /dev/sde is another path to /dev/sdi, which is excluded: disks.exclude names it (sdi)");
  set("sde", "device/state", "offline");
  EXPECT_TRUE(excluded().at("/dev/sde").starts_with("offline: the kernel has /dev/sde")) << "its own reason";
}

/// Without a dead or write-protected path, the disk is usable by the other.
TEST_F(TwoPaths, LeadToTheDiskByTheOneThatWorks) {
  set("sdd", "device/state", "transport-offline");
  EXPECT_TRUE(has("/dev/sde"));
  EXPECT_TRUE(excluded().at("/dev/sdd").starts_with("offline: "));
  set("sdd", "device/state", "running");
  set("sdd", "ro", "1");
  EXPECT_TRUE(has("/dev/sde"));
  EXPECT_TRUE(excluded().at("/dev/sdd").starts_with("read-only-device: "));
  set("sdd", "ro", "0");
  set("sdd", "size", "0");
  EXPECT_TRUE(has("/dev/sde"));
  EXPECT_TRUE(excluded().at("/dev/sdd").starts_with("empty-device: "));
  for (const auto* attribute : {"device/state", "ro", "size"}) {
    use(plain);
    copy();
    set("sdd", attribute, attribute == std::string("ro") ? "1" : attribute == std::string("size") ? "0" : "offline");
    EXPECT_EQ(excluded({{}, {"/dev/sdd"}}).at("/dev/sde"), excluded_sdd) << attribute;
  }
}

TEST_F(TwoPaths, AreGivenByTheOneThatTheRulesName) {
  EXPECT_EQ(usable({{"sde"}, {}}), std::vector<std::string>{"/dev/sde"});
  EXPECT_EQ(excluded({{"sde"}, {}}).at("/dev/sdd"), "not-in-only: disks.only does not name it");
  EXPECT_EQ(usable({{"sde", "sdd"}, {}}), std::vector<std::string>{"/dev/sdd"});
  set("sde", "device/state", "offline");
  EXPECT_TRUE(usable({{"sde"}, {}}).empty()) << "nothing is used that disks.only does not name";
}

TEST_F(TwoPaths, AndMoreOfThemAreOneDisk) {
  add_like("sde", "sdi", "8:128");
  add_like("sde", "sdj", "8:144");
  remove_serial("sde");
  auto out = excluded();
  for (const auto* path : {"/dev/sde", "/dev/sdi", "/dev/sdj"}) {
    EXPECT_EQ(out.at(path), fmt::format("assembled: {} is another path to the same disk as /dev/sdd (WWN "
                                        "0x600508b1001c0009); the guest gets one",
                                        path));
  }
  out = excluded({{}, {"sdi"}});
  for (const auto* path : {"/dev/sdd", "/dev/sde", "/dev/sdj"}) {
    EXPECT_EQ(out.at(path), fmt::format("excluded: {} is another path to /dev/sdi, which is excluded: disks.exclude "
                                        "names it (sdi)",
                                        path));
  }
}

/// multipathd does not assemble a path that still has the LUN's old, smaller size: it looks like a separate disk.
TEST_F(TwoPaths, AreOneDiskThoughOneHasItsOldSize) {
  set("sde", "size", "262144");
  EXPECT_TRUE(has("/dev/sde")) << "whole";
  EXPECT_TRUE(excluded().at("/dev/sdd").starts_with("assembled: ")) << excluded().at("/dev/sdd");
  EXPECT_EQ(excluded({{}, {"/dev/sdd"}}).at("/dev/sde"), excluded_sdd);
  set("sde", "size", "65536");
  EXPECT_TRUE(has("/dev/sdd"));
  EXPECT_TRUE(excluded().at("/dev/sde").starts_with("assembled: ")) << excluded().at("/dev/sde");
  remove_serial("sde");
  EXPECT_TRUE(has("/dev/sde")) << "without a serial number, a name alone";
}

TEST_F(TwoPaths, AreOneDiskThoughUdevTakesTheWwnForASerialNumber) {
  remove_serial("sde");
  udev("sde", {"600508b1001c0009", "", "", "", "", {}, "", ""});
  EXPECT_EQ(excluded({{}, {"/dev/sdd"}}).at("/dev/sde"), excluded_sdd);
}

TEST_F(TwoPaths, AreNotWhatSharesASerialNumberOnly) {
  for (const auto* disk : {"sdb", "sdc", "sdg"}) set_serial(disk, "ARRAY01");  // LUNs of an array; two actuators
  EXPECT_TRUE(has("/dev/sdc", {{}, {"sdb"}}));
  EXPECT_TRUE(has("/dev/sdg", {{}, {"sdb"}}));
}

TEST_F(TwoPaths, AreNotWhatSharesANameButNoSerialNumber) {
  set_serial("sde", "LUN0002");
  EXPECT_TRUE(has("/dev/sde", {{}, {"sdd"}}));
  EXPECT_TRUE(has("/dev/sdd"));
  EXPECT_TRUE(has("/dev/sde"));
}

TEST_F(TwoPaths, AreNotWhatHasNeitherSerialNumberNorName) {
  for (const auto* disk : {"sdb", "sdc"}) {
    remove_serial(disk);
    for (const auto* attribute : {"device/vpd_pg83", "device/wwid"}) {
      std::filesystem::remove(sources_.files.sysfs + "/block/" + disk + "/" + attribute);
    }
  }
  EXPECT_TRUE(has("/dev/sdc", {{}, {"sdb"}}));
  set("sdb", "device/wwid", "t10.QEMU    QEMU HARDDISK");
  set("sdc", "device/wwid", "t10.QEMU    QEMU HARDDISK");
  EXPECT_TRUE(has("/dev/sdc", {{}, {"sdb"}}));
}

TEST_F(TwoPaths, AssembledByTheMapperAreGivenAsItsDeviceWhereThatIsNamed) {
  use(assembled);
  copy();
  udev("dm-0", {"LUN0001", "0x600508b1001c0009", "", "", "", {}, "", ""});
  EXPECT_EQ(usable({{"dm-0"}, {}}), std::vector<std::string>{"/dev/dm-0"}) << "its paths are held by it alone";
  EXPECT_EQ(excluded({{"dm-0"}, {"sde"}}).at("/dev/dm-0"),
            "excluded: /dev/dm-0 is built on /dev/sde, which is excluded: disks.exclude names it (sde)");
}

/// The mapper has one path, the host has mounted the other.
TEST_F(TwoPaths, OfWhichTheHostUsesOneKeepOutWhatIsBuiltOnTheOther) {
  use(assembled);
  copy();
  std::filesystem::remove(sources_.files.sysfs + "/block/dm-0/slaves/sde");
  std::filesystem::remove_all(sources_.files.sysfs + "/block/sde/holders");
  EXPECT_TRUE(has("/dev/dm-0", {{"dm-0"}, {}}));
  EXPECT_FALSE(has("/dev/sde"));
  mounts("1 0 0:20 / / rw - tmpfs tmpfs rw\n2 1 8:64 / /srv rw - ext4 /dev/sde rw\n");
  EXPECT_EQ(excluded({{"dm-0"}, {}}).at("/dev/dm-0"),
            "mounted: /dev/dm-0 is built on another path to /dev/sde, which is mounted: /dev/sde is mounted on /srv");
  EXPECT_EQ(
      excluded({{"dm-0"}, {"sde"}}).at("/dev/dm-0"),
      "excluded: /dev/dm-0 is built on another path to /dev/sde, which is excluded: disks.exclude names it (sde)");
}

}  // namespace
}  // namespace rescue::linux
