// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds the server's disks in sysfs, completed by udev if it runs; decides which of them a guest may have.

#include "orchestrator/linux/disks/identity.hpp"
#include "orchestrator/linux/disks/occupancy.hpp"
#include "orchestrator/ports/disks.hpp"

#include <functional>

namespace rescue::linux {

/// Target of a path of the rules.
struct ResolvedPath {
  enum class Kind { missing, block_device, other } kind = Kind::missing;
  std::string device;  ///< "8:0" of a block device
};

/// Follows links to the device number.
[[nodiscard]] ResolvedPath resolve_path(const std::string& path);

struct InventorySources {
  HostFiles files;
  std::function<ResolvedPath(const std::string& path)> resolve = resolve_path;
  /// Asked about every listed device: the only way to find disks that claim the same link. Unset: udev's if /run/udev
  /// exists, else sysfs alone.
  std::function<std::optional<Identity>(const BlockDevice&)> udev;
};

/// Opens no device: uses sysfs, procfs and udev's database. With `rules.only` set, the other devices are listed as
/// not_in_only; they are still read, because they may be paths to a named disk. A reason that excludes a disk by one
/// path excludes it by all, except a dead or write-protected path. `stable_path` is a link to the disk's number that no
/// other device claims, or else the kernel's name. Not listed: optical and floppy drives, and devices without content
/// that the kernel creates in advance (loop0, ram0).
class LinuxDiskInventory final : public ports::DiskInventory {
public:
  explicit LinuxDiskInventory(InventorySources sources = {});
  /// Takes some ms. Also throws `io` when sysfs or procfs is not mounted, and `config_invalid` when a path of the rules
  /// is a link that several disks claim: its target depends on the order of events.
  [[nodiscard]] domain::DiskSurvey survey(const domain::DiskRules& rules) override;

private:
  InventorySources sources_;
};

}  // namespace rescue::linux
