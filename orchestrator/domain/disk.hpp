// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server's disks in a session: those that the guest gets, and the excluded ones with the reason.

#include "contract/session.hpp"
#include "core/words.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::domain {

struct Disk {
  std::string path;         ///< "/dev/sda": the kernel's name, for people and for opening
  std::string stable_path;  ///< a /dev/disk/by-id link that only this disk has, else `path`; for people, never opened
  std::string device;       ///< "8:0": identifies the disk while the host runs
  std::string serial;       ///< as the hardware reports it; may be empty
  std::string wwn;          ///< "0x5000c500a1b2c3d4", an NVMe eui or uuid, or a 32-hex NAA; may be empty
  std::string vendor;       ///< SCSI vendor; may be empty
  std::string model;        ///< may be empty
  std::uint64_t size_bytes = 0;
  unsigned logical_block_size = 512;
  unsigned physical_block_size = 512;
  bool rotational = false;
  std::string transport;  ///< "sata", "nvme", "scsi", "virtio", "loop", ...

  friend bool operator==(const Disk&, const Disk&) = default;
};

/// Why a disk is not passed through. `name_of` gives stable names for JSON.
enum class ExclusionReason {
  not_in_only,       ///< disks.only is set and does not name it
  excluded,          ///< disks.exclude names it
  host_root,         ///< the host runs from it
  mounted,           ///< the disk or a partition of it is mounted or is swap
  assembled,         ///< it is part of an active RAID, LVM, dm or bcache device
  virtual_device,    ///< loop, zram, ram: only when named in disks.only
  read_only_device,  ///< the kernel has it read-only
  empty_device,      ///< no medium: size 0
  firmware_storage,  ///< the board's flash, boot parts of an eMMC: never passed through
  offline,           ///< the kernel has taken it offline, or it can't be opened
  zoned,             ///< host-managed zones: a guest can't use it as a disk
  firmware_raid,     ///< member of a mirror or stripe that the firmware keeps: never passed through on its own
  virtual_medium,    ///< shown by the BMC or the firmware: only when named in disks.only
  busy,              ///< claimed by something outside the host's tables: another mount namespace, a log device
};
constexpr auto words_of(ExclusionReason) {
  return words<ExclusionReason>("not-in-only", "excluded", "host-root", "mounted", "assembled", "virtual-device",
                                "read-only-device", "empty-device", "firmware-storage", "offline", "zoned",
                                "firmware-raid", "virtual-medium", "busy");
}

struct ExcludedDisk {
  std::string path;
  ExclusionReason reason{};
  std::string detail;  ///< "/dev/sda2 is mounted on /", for people

  friend bool operator==(const ExcludedDisk&, const ExcludedDisk&) = default;
};

struct DiskSurvey {
  std::vector<Disk> usable;  ///< in a stable order: transport, then path
  std::vector<ExcludedDisk> excluded;
};

/// The settings disks.only and disks.exclude: paths, kernel names or links; resolved by the inventory.
struct DiskRules {
  std::vector<std::string> only;  ///< when not empty, no other disk is ever opened
  std::vector<std::string> exclude;
};

using contract::DiskMode;

using rescue::name_of;

}  // namespace rescue::domain
