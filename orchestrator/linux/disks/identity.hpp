// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A disk's serial, WWN, vendor and model, as the guest shall see them: Windows finds its disks again by these.

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
  std::vector<std::string> links;  ///< every link that udev has for the device; another may have claimed it too
  std::string content;             ///< what lies on the whole device ("isw_raid_member", "ntfs"); udev looked
  std::string content_label;       ///< its file system's label, "OEMDRV"
};

[[nodiscard]] Identity identity_from_sysfs(const BlockDevice& device);

/// From udev's database; none when it does not know the device. Only meaningful for the running host's devices.
[[nodiscard]] std::optional<Identity> identity_from_udev(const BlockDevice& device);

/// What sysfs says, completed by udev: sysfs has the drive's own answer (unit serial number page), udev the full model
/// name that libata cuts off, the serial of USB bridges, and the links.
[[nodiscard]] Identity merged(Identity sysfs, const Identity& udev);

/// The links of /dev/disk/by-id that name the hardware, those that people recognise first. Links by content
/// (lvm-pv-uuid-, md-) change with it, and are left out.
[[nodiscard]] std::vector<std::string> stable_links(const std::vector<std::string>& links);

/// A member of a mirror or stripe that the firmware or a simple RAID card keeps (Intel's IMSM, SNIA's DDF, ...), by
/// the name that libblkid has for it.
[[nodiscard]] bool is_firmware_raid(std::string_view content);

/// A medium that the BMC shows as a USB disk: its virtual floppy, a medium with drivers.
[[nodiscard]] bool is_virtual_medium(const Identity& identity);

/// "naa.5000c5..." -> "0x5000c5..."; "eui.0025..." and "uuid.6a5c..." stay; everything else names no world-wide name:
/// empty.
[[nodiscard]] std::string wwn_from_wwid(std::string_view wwid);

/// The unit serial number of a SCSI VPD page 0x80 (SPC-4 7.8.18).
[[nodiscard]] std::string serial_from_vpd80(std::string_view page);

/// The logical unit's NAA, or else EUI-64, designator of a SCSI VPD page 0x83 (SPC-4 7.8.6), as `Identity::wwn`; of
/// several the one that is the unit's own.
[[nodiscard]] std::string wwn_from_vpd83(std::string_view page);

/// Without control and non-ASCII characters, inner runs of white space as one blank, trimmed.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace rescue::linux
