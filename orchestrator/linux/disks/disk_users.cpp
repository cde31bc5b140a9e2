// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "orchestrator/linux/disks/linux_disk_claims.hpp"
#include "orchestrator/linux/disks/linux_disk_inventory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace rescue::linux {
namespace {

bool has_open(const std::string& process, const std::string& device) {
  for (const auto& descriptor : folder_entries(process + "/fd")) {
    const auto link = fmt::format("{}/fd/{}", process, descriptor);
    std::error_code error;
    const auto target = std::filesystem::read_symlink(link, error).string();
    // stat only possible devices: a descriptor can lead to a network file system that hangs.
    if (error || !target.starts_with("/dev/")) continue;
    if (resolve_path(link).device == device) return true;
  }
  return false;
}

/// "mdadm (pid 812), dd (pid 900)": processes with the device open; the kernel does not show which of them claims it.
std::string openers_of(const std::string& device) {
  constexpr std::size_t enough = 3;
  std::vector<std::string> found;
  for (const auto& entry : folder_entries("/proc")) {
    if (entry.find_first_not_of("0123456789") != std::string::npos || found.size() == enough) continue;
    const auto process = "/proc/" + entry;
    if (has_open(process, device))
      found.push_back(fmt::format("{} (pid {})", read_attribute(process + "/comm"), entry));
  }
  return fmt::format("{}", fmt::join(found, ", "));
}

}  // namespace

std::string who_has(const std::string& path, const HostFiles& files) {
  const auto device = resolve_path(path).device;
  try {
    const auto devices = BlockDevices::read(files.sysfs);
    if (const auto* whole = devices.whole_of(device); whole != nullptr) {
      if (const auto usage = Occupancy(devices, files).of(*whole)) return usage->detail;
    }
  } catch (const Error&) {
    // The user is only a detail of the error: the disk is busy in any case.
  }
  if (const auto openers = openers_of(device); !openers.empty()) return "open in " + openers;
  return "held by the kernel or a process in another namespace";
}

}  // namespace rescue::linux
