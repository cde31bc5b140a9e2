// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The kernel's block devices as sysfs describes them. Survey and claim use them without opening a device.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::linux {

struct Partition {
  std::string name;                  ///< "sda1"
  std::string device;                ///< "8:1"
  std::vector<std::string> holders;  ///< kernel names of the devices built on it: "md0", "dm-1", "bcache0"
};

/// A whole device: disk, loop, md, dm. Everything is read from sysfs.
struct BlockDevice {
  std::string name;        ///< "sda"; sysfs' "cciss!c0d0" is "cciss/c0d0" here
  std::string device;      ///< "8:0"
  std::string sysfs_path;  ///< resolved: shows the bus of the device
  std::uint64_t size_bytes = 0;
  unsigned logical_block_size = 512;
  unsigned physical_block_size = 512;
  bool rotational = false;
  bool read_only = false;
  bool is_virtual = false;           ///< loop, ram, zram, dm, md, nbd, bcache: made by the kernel, not hardware
  bool is_optical = false;           ///< CD, DVD or floppy drive: has media, is not a disk
  std::string state;                 ///< "running", "offline" (SCSI), "live", "dead" (NVMe); empty: unknown on this bus
  bool host_managed_zones = false;   ///< each zone must be written in order: a guest can't use it as a disk
  std::string wwid;                  ///< the kernel's own, "naa.5000...", "uuid.6a5c..."; may be empty
  std::string label;                 ///< dm's name ("vg0-root"); else empty
  std::string backing;               ///< file or device under a loop or zram device; else empty
  std::vector<std::string> holders;  ///< as in Partition, of the whole device
  std::vector<std::string> slaves;   ///< kernel names of the devices that it is built on
  std::vector<Partition> partitions;

  [[nodiscard]] std::string path() const { return "/dev/" + name; }
  /// Flash that the board boots from, or a part of an eMMC with its boot code: never a disk of a user.
  [[nodiscard]] bool is_firmware_storage() const;
};

/// A snapshot of /sys/block.
class BlockDevices {
public:
  /// Throws `io` when `sysfs_root` ("/sys") has no block folder. Devices that vanish while they are read are left out.
  static BlockDevices read(const std::string& sysfs_root);

  [[nodiscard]] const std::vector<BlockDevice>& all() const { return devices_; }
  /// The whole device with this number or this partition's number; nullptr when there is none.
  [[nodiscard]] const BlockDevice* whole_of(std::string_view device) const;
  /// The number of the device or partition with this kernel name; empty when there is none.
  [[nodiscard]] std::string device_of(std::string_view name) const;
  /// "/dev/sda1", or "/dev/dm-0 (vg0-root)" if the device has its own name.
  [[nodiscard]] std::string display_name(std::string_view device) const;

private:
  std::vector<BlockDevice> devices_;
};

/// One attribute without surrounding white space; empty when it can't be read.
[[nodiscard]] std::string read_attribute(const std::string& path);
/// The unchanged bytes, for binary attributes such as vpd_pg80; at most 4 KiB.
[[nodiscard]] std::string read_raw_attribute(const std::string& path);
/// The entries of a folder, sorted; empty when there is no such folder.
[[nodiscard]] std::vector<std::string> folder_entries(const std::string& path);

}  // namespace rescue::linux
