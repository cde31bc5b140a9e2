// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/guest.hpp"

#include <algorithm>

namespace rescue::domain {

GuestDisk passed_through(Disk disk, bool read_only) {
  GuestDisk given;
  given.source = disk.path;
  given.read_only = read_only;
  given.disk = std::move(disk);
  return given;
}

std::vector<Disk> hardware_of(const std::vector<GuestDisk>& disks) {
  std::vector<Disk> hardware;
  hardware.reserve(disks.size());
  for (const auto& given : disks) hardware.push_back(given.disk);
  return hardware;
}

}  // namespace rescue::domain
