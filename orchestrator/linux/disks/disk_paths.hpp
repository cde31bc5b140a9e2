// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which devices are paths to one disk: a LUN that the kernel lists as sda and sdb is mounted, excluded or given away
// once.

#include "orchestrator/linux/disks/identity.hpp"

#include <cstddef>
#include <vector>

namespace rescue::linux {

/// A device, and what it says of the disk behind it.
struct DiskPath {
  const BlockDevice& device;
  const Identity& identity;
};

/// By a name that is unique in the world, or NVMe's name of subsystem and namespace; never by a serial number alone,
/// which the LUNs of a storage array share. Where both paths tell a serial number, it must be the same. A path may tell
/// none, and may have no size, or the size of before the disk grew. What the kernel made (dm, md, loop) is no path.
[[nodiscard]] bool are_paths_to_one(const DiskPath& left, const DiskPath& right);

/// The indices of `paths`, those to one disk together, each group and the groups in the order of `paths`. Who is a path
/// to the same disk as a third one is a path to the same disk: in doubt the guest has one disk too few.
[[nodiscard]] std::vector<std::vector<std::size_t>> grouped_by_disk(const std::vector<DiskPath>& paths);

}  // namespace rescue::linux
