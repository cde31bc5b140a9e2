// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A disk's serial, WWN, vendor and model as the guest shall see them: Windows identifies its disks by these.

#include "orchestrator/linux/disks/block_devices.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::linux {

/// Any member may be empty. All are trimmed and printable ASCII.
struct Identity {
  std::string serial;
  std::string wwn;
  std::string vendor;
  std::string model;
  std::string transport;
  std::vector<std::string> links;  ///< all links of the device in udev; other devices may claim them too
  std::string content;             ///< content of the whole device ("isw_raid_member", "ntfs"), from udev
  std::string content_label;       ///< its file system's label, "OEMDRV"
};

[[nodiscard]] Identity identity_from_sysfs(const BlockDevice& device);

/// From udev's database; none for an unknown device. Valid only for devices of the running host.
[[nodiscard]] std::optional<Identity> identity_from_udev(const BlockDevice& device);

/// From sysfs, completed by udev. sysfs has the drive's own answer (unit serial number page). udev has the full model
/// name, which libata cuts off, the serial of USB bridges, and the links.
[[nodiscard]] Identity merged(Identity sysfs, const Identity& udev);

/// Links in /dev/disk/by-id that name the hardware, the most recognisable first. Leaves out links by content
/// (lvm-pv-uuid-, md-), because they change with it.
[[nodiscard]] std::vector<std::string> stable_links(const std::vector<std::string>& links);

/// Whether it is a member of a mirror or stripe that the firmware or a simple RAID card keeps (Intel's IMSM, SNIA's
/// DDF, ...), by libblkid's name.
[[nodiscard]] bool is_firmware_raid(std::string_view content);

/// Whether it is a medium that the BMC shows as a USB disk: a virtual floppy, a medium with drivers.
[[nodiscard]] bool is_virtual_medium(const Identity& identity);

/// "naa.5000c5..." -> "0x5000c5..."; "eui.0025..." and "uuid.6a5c..." stay. Empty for anything else, which is not a
/// world-wide name.
[[nodiscard]] std::string wwn_from_wwid(std::string_view wwid);

/// The unit serial number of a SCSI VPD page 0x80 (SPC-4 7.8.18).
[[nodiscard]] std::string serial_from_vpd80(std::string_view page);

/// The logical unit's NAA or else EUI-64 designator from SCSI VPD page 0x83 (SPC-4 7.8.6), like `Identity::wwn`. Of
/// several, the one of the unit itself.
[[nodiscard]] std::string wwn_from_vpd83(std::string_view page);

/// Removes control and non-ASCII characters, reduces inner white space to single blanks, and trims.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace rescue::linux
