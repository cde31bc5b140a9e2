// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/identity.hpp"

#include <gtest/gtest.h>

namespace rescue::linux {
namespace {

using namespace std::string_literals;

TEST(DiskIdentity, TextIsTrimmedAndPrintable) {
  EXPECT_EQ(printable("  ST4000  NM0023 \n"), "ST4000 NM0023");
  EXPECT_EQ(printable("A\x01\x7f\xc3\xa4\tB\0C"s), "A BC");
  EXPECT_EQ(printable(" \t "), "");
}

TEST(DiskIdentity, WorldWideNamesAreThoseThatAreWorldWide) {
  EXPECT_EQ(wwn_from_wwid("naa.5000c500a1b2c3d4"), "0x5000c500a1b2c3d4");
  EXPECT_EQ(wwn_from_wwid("naa.600508b1001c00090000000000000001"), "0x600508b1001c00090000000000000001");
  EXPECT_EQ(wwn_from_wwid("eui.0025385b91500001"), "eui.0025385b91500001");
  EXPECT_EQ(wwn_from_wwid("uuid.6a5c2f10-1d2a-4c0e-9c5b-1f0a2b3c4d5e"), "uuid.6a5c2f10-1d2a-4c0e-9c5b-1f0a2b3c4d5e");
  for (const auto* other : {"", "naa.", "naa.xyz", "t10.ATA     QEMU HARDDISK", "nvme.1b36-4e56-51-00000001",
                            "naa.0000000000000000", "uuid.1234", "uuid.00000000-0000-0000-0000-000000000000",
                            "uuid.6a5c2f10x1d2a-4c0e-9c5b-1f0a2b3c4d5e", "5000c500a1b2c3d4"}) {
    EXPECT_EQ(wwn_from_wwid(other), "") << other;
  }
}

TEST(DiskIdentity, SerialComesFromPage80) {
  EXPECT_EQ(serial_from_vpd80("\0\x80\0\x08  Z1Z0AB"s), "Z1Z0AB");
  EXPECT_EQ(serial_from_vpd80("\0\x80\0\x03Z1Z0AB"s), "Z1Z");  // not more than the page's length
  EXPECT_EQ(serial_from_vpd80("\0\x80\x7f\xffZ1"s), "Z1");     // and not more than the page has
  EXPECT_EQ(serial_from_vpd80("\0\x83\0\x02Z1"s), "");         // another page
  EXPECT_EQ(serial_from_vpd80("\0\x80"s), "");
  EXPECT_EQ(serial_from_vpd80(""), "");
}

TEST(DiskIdentity, WwnComesFromTheLogicalUnitsDesignatorOfPage83) {
  const auto t10 = "\x02\x01\0\x04QEMU"s;
  const auto naa_of_unit = "\x01\x03\0\x08\x50\0\xc5\0\xa1\xb2\xc3\xd4"s;
  const auto naa_of_port = "\x61\x93\0\x08\x50\0\xc5\0\xa1\xb2\xc3\xd5"s;
  const auto eui = "\x01\x02\0\x08\0\x25\x38\x5b\x91\x50\0\x01"s;
  const auto page = [](const std::string& body) { return "\0\x83\0"s + static_cast<char>(body.size()) + body; };
  EXPECT_EQ(wwn_from_vpd83(page(t10 + naa_of_port + naa_of_unit)), "0x5000c500a1b2c3d4");
  EXPECT_EQ(wwn_from_vpd83(page(eui + naa_of_unit)), "0x5000c500a1b2c3d4");
  EXPECT_EQ(wwn_from_vpd83(page(t10 + eui)), "eui.0025385b91500001");
  const auto naa_of_array = "\x01\x03\0\x08\x50\x06\x01\x60\x90\x20\x45\x9c"s;
  const auto naa_of_lun = "\x01\x03\0\x10\x60\x06\x01\x60\x13\x10\x21\0\0\0\0\0\0\0\0\x07"s;
  const auto naa_of_somebody = "\x01\x03\0\x08\x30\0\0\0\0\0\0\x01"s;
  EXPECT_EQ(wwn_from_vpd83(page(naa_of_array + naa_of_lun)), "0x60060160131021000000000000000007")
      << "the same NAA for all LUNs of an array is none of theirs";
  EXPECT_EQ(wwn_from_vpd83(page(naa_of_somebody + eui)), "eui.0025385b91500001");
  EXPECT_EQ(wwn_from_vpd83(page(naa_of_somebody)), "0x3000000000000001");
  EXPECT_EQ(wwn_from_vpd83(page(naa_of_port)), "");
  EXPECT_EQ(wwn_from_vpd83(page("\x01\x03\0\xff\x50"s)), "");  // exceeds the page
  EXPECT_EQ(wwn_from_vpd83(page("\x01\x03"s)), "");
  EXPECT_EQ(wwn_from_vpd83(""), "");
}

TEST(DiskIdentity, UdevCompletesWhatSysfsSays) {
  const Identity sysfs{"S3Z8", "", "ATA", "SAMSUNG MZ7LH480", "sata", {}, "", ""};
  const Identity udev{"other", "0x5002538e40a1b2c3",      "",     "SAMSUNG MZ7LH480HAHQ-00005",
                      "",      {"/dev/disk/by-id/ata-x"}, "ntfs", "Data"};
  const auto both = merged(sysfs, udev);
  EXPECT_EQ(both.serial, "S3Z8");
  EXPECT_EQ(both.wwn, "0x5002538e40a1b2c3");
  EXPECT_EQ(both.vendor, "ATA");
  EXPECT_EQ(both.model, "SAMSUNG MZ7LH480HAHQ-00005");
  EXPECT_EQ(both.transport, "sata");
  EXPECT_EQ(both.links, std::vector<std::string>{"/dev/disk/by-id/ata-x"});
  EXPECT_EQ(both.content, "ntfs");
  EXPECT_EQ(both.content_label, "Data");
}

TEST(DiskIdentity, LinksOfTheHardwareAreStableAndThoseThatPeopleReadComeFirst) {
  const std::string folder = "/dev/disk/by-id/";
  EXPECT_EQ(stable_links({folder + "wwn-0x5000", folder + "lvm-pv-uuid-x", folder + "nvme-eui.0025",
                          "/dev/disk/by-path/p", folder + "nvme-B_1", folder + "nvme-A_1", "/dev/rootdisk"}),
            (std::vector<std::string>{folder + "nvme-A_1", folder + "nvme-B_1", folder + "nvme-eui.0025",
                                      folder + "wwn-0x5000"}));
}

TEST(DiskIdentity, MembersOfFirmwareRaidAreKnownByTheirContent) {
  for (const auto* content : {"isw_raid_member", "ddf_raid_member", "lsi_mega_raid_member", "nvidia_raid_member",
                              "promise_fasttrack_raid_member", "via_raid_member"}) {
    EXPECT_TRUE(is_firmware_raid(content)) << content;
  }
  for (const auto* content : {"", "linux_raid_member", "ntfs", "LVM2_member"}) {
    EXPECT_FALSE(is_firmware_raid(content)) << content;
  }
}

TEST(DiskIdentity, MediaOfTheBmcAreKnownByTheirNames) {
  const auto shown = [](const char* vendor, const char* model, const char* transport, const char* label) {
    return is_virtual_medium({"", "", vendor, model, transport, {}, "", label});
  };
  EXPECT_TRUE(shown("AMI", "Virtual Floppy0", "usb", ""));
  EXPECT_TRUE(shown("AMI", "Virtual HDisk0", "usb", ""));
  EXPECT_TRUE(shown("iDRAC", "LCDRIVE", "usb", ""));
  EXPECT_TRUE(shown("HP iLO", "LUN 00 Media 0", "usb", ""));
  EXPECT_TRUE(shown("Cisco", "vKVM-Mapped vFDD", "usb", ""));
  EXPECT_TRUE(shown("OpenBMC", "Virtual Media Device", "usb", ""));
  EXPECT_TRUE(shown("Linux", "File-Stor Gadget", "usb", ""));
  EXPECT_TRUE(shown("Generic", "Flash Disk", "usb", "OEMDRV"));
  EXPECT_FALSE(shown("SanDisk", "Ultra Fit", "usb", "DATA"));
  EXPECT_FALSE(shown("VMware", "Virtual disk", "scsi", "")) << "a virtual server's own disk";
  EXPECT_FALSE(shown("Msft", "Virtual Disk", "scsi", ""));
}

}  // namespace
}  // namespace rescue::linux
