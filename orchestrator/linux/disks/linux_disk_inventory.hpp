// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds the server's disks in sysfs, completed by udev where it runs; decides which of them a guest may have.

#include "orchestrator/linux/disks/identity.hpp"
#include "orchestrator/linux/disks/occupancy.hpp"
#include "orchestrator/ports/disks.hpp"

#include <functional>

namespace rescue::linux {

/// What a path of the rules leads to.
struct ResolvedPath {
  enum class Kind { missing, block_device, other } kind = Kind::missing;
  std::string device;  ///< "8:0" of a block device
};

/// Through links, to the device number.
[[nodiscard]] ResolvedPath resolve_path(const std::string& path);

struct InventorySources {
  HostFiles files;
  std::function<ResolvedPath(const std::string& path)> resolve = resolve_path;
  /// Asked of every device that is listed: which disks claim one link shows only so. Unset: udev's where /run/udev is
  /// there, else sysfs alone.
  std::function<std::optional<Identity>(const BlockDevice&)> udev;
};

/// Opens no device at all: everything comes from sysfs, procfs and udev's database. With `rules.only` set, the other
/// devices are listed as not_in_only; they are read all the same, for they may be paths to a disk that is named.
/// What keeps a disk out by one path keeps it out by all, but for a path that is dead or write-protected.
/// `stable_path` is a link that leads to the disk's number and that no other device claims, or else the kernel's name.
/// Not listed: optical and floppy drives, and devices without content that the kernel keeps ready (loop0, ram0).
class LinuxDiskInventory final : public ports::DiskInventory {
public:
  explicit LinuxDiskInventory(InventorySources sources = {});
  /// Takes some ms. Throws also `io` when sysfs or procfs is not mounted, and `config_invalid` when a path of the rules
  /// is a link that several disks claim: which of them it means changes with the order of events.
  [[nodiscard]] domain::DiskSurvey survey(const domain::DiskRules& rules) override;

private:
  InventorySources sources_;
};

}  // namespace rescue::linux
