// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds devices that are paths to one disk: a LUN that the kernel lists as sda and sdb is mounted, excluded or passed
// through once.

#include "orchestrator/linux/disks/identity.hpp"

#include <cstddef>
#include <vector>

namespace rescue::linux {

/// A device and the identity of the disk behind it.
struct DiskPath {
  const BlockDevice& device;
  const Identity& identity;
};

/// Compares names that are unique in the world, or NVMe's subsystem and namespace; never only the serial number, which
/// the LUNs of a storage array share. If both paths have a serial number, it must be equal. A path may have none, and
/// may have no size or an outdated one. Devices that the kernel made (dm, md, loop) are no paths.
[[nodiscard]] bool are_paths_to_one(const DiskPath& left, const DiskPath& right);

/// Indices of `paths`, grouped by disk; groups and their members in the order of `paths`. Two paths to the same third
/// path belong together: in doubt the guest has one disk too few.
[[nodiscard]] std::vector<std::vector<std::size_t>> grouped_by_disk(const std::vector<DiskPath>& paths);

}  // namespace rescue::linux
