// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/occupancy.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>

namespace rescue::linux {
namespace {

/// Number of the block device at this path, under any name; empty when there is none.
std::string number_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode)) return {};
  return fmt::format("{}:{}", major(status.st_rdev), minor(status.st_rdev));
}

/// The kernel's name of a source such as /dev/mapper/vg0-root or /dev/disk/by-uuid/..., if the link exists.
std::string kernel_name(const std::string& source) {
  std::error_code error;
  const auto resolved = std::filesystem::canonical(source, error);
  const auto path = error ? source : resolved.string();
  return path.starts_with("/dev/") ? path.substr(5) : std::string();
}

bool is_inside(const std::string& path, const std::string& folder) {
  if (folder == "/") return path.starts_with('/');
  return path == folder || path.starts_with(folder + "/");
}

/// The mount of a path: the deepest folder, and of several mounts there the last.
const Mount* mount_of(const std::vector<Mount>& mounts, const std::string& path) {
  const Mount* best = nullptr;
  for (const auto& mount : mounts) {
    if (!is_inside(path, mount.target)) continue;
    if (best == nullptr || mount.target.size() >= best->target.size()) best = &mount;
  }
  return best;
}

}  // namespace

Occupancy::Occupancy(const BlockDevices& devices, const HostFiles& files) : devices_(devices) {
  const auto own = read_mounts(files.mountinfo);
  if (own.empty()) {
    throw Error(ErrorCode::io, "cannot find out what the host has mounted: " + files.mountinfo + " is empty or missing",
                "Mount proc on /proc.");
  }
  add_mounts(own);
  add_mounts(read_mounts(files.init_mountinfo));
  add_swaps(read_swaps(files.swaps));
  add_btrfs(files.sysfs);
  add_backings();
}

void Occupancy::add_mounts(const std::vector<Mount>& mounts) {
  mounts_ = mounts;  // folders of overlays and loop files are found in the same namespace
  for (const auto& mount : mounts) {
    const auto kind = mount.target == "/" ? Usage::Kind::host_root : Usage::Kind::mounted;
    const auto what = "mounted on " + mount.target;
    if (const auto device = device_of_mount(mount); !device.empty()) add(device, kind, what);
    for (const auto& source : mount.more_sources) {
      if (const auto device = device_of_source(source); !device.empty()) add(device, kind, "part of what is " + what);
    }
    std::set<std::string> seen;
    std::vector<std::string> disks;
    for (const auto& layer : mount.layer_paths) descend_folder(layer, seen, disks);
    for (const auto& disk : disks) {
      uses_.push_back({{kind, devices_.display_name(disk) + " holds a layer of what is " + what}, disk});
    }
  }
}

void Occupancy::add_swaps(const std::vector<std::string>& sources) {
  for (const auto& source : sources) {
    if (const auto device = device_of_source(source); !device.empty()) add(device, Usage::Kind::mounted, "swap");
  }
}

/// mountinfo shows one disk of a btrfs over several; sysfs lists all of a mounted one.
void Occupancy::add_btrfs(const std::string& sysfs_root) {
  const auto root = sysfs_root + "/fs/btrfs";
  for (const auto& uuid : folder_entries(root)) {
    for (const auto& name : folder_entries(fmt::format("{}/{}/devices", root, uuid))) {
      if (const auto device = devices_.device_of(name); !device.empty()) {
        add(device, Usage::Kind::mounted, "part of the mounted btrfs " + uuid);
      }
    }
  }
}

/// A loop device opens its disk without a claim, and sysfs lists it as no holder.
void Occupancy::add_backings() {
  for (const auto& device : devices_.all()) {
    const auto below = device_behind(device);
    if (below.empty()) continue;
    std::set<std::string> seen;
    std::vector<std::string> disks;
    descend(below, seen, disks);
    for (const auto& disk : disks) {
      if (disk == device.device) continue;
      const auto detail = fmt::format("{} is part of the active device {}", devices_.display_name(below),
                                      devices_.display_name(device.device));
      uses_.push_back({{Usage::Kind::assembled, detail}, disk});
    }
  }
}

void Occupancy::add(const std::string& device, Usage::Kind kind, const std::string& what) {
  std::set<std::string> seen;
  std::vector<std::string> disks;
  descend(device, seen, disks);
  const auto* top = devices_.whole_of(device);
  for (const auto& disk : disks) {
    auto detail = devices_.display_name(device) + " is " + what;
    if (top != nullptr && disk != top->device) detail += ", and is built on " + devices_.display_name(disk);
    uses_.push_back({{kind, std::move(detail)}, disk});
  }
}

void Occupancy::descend(const std::string& device, std::set<std::string>& seen, std::vector<std::string>& disks) const {
  const auto* whole = devices_.whole_of(device);
  if (whole == nullptr || !seen.insert(device).second) return;
  disks.push_back(whole->device);
  for (const auto& slave : whole->slaves) descend(devices_.device_of(slave), seen, disks);
  if (whole->backing.empty()) return;
  if (const auto below = device_behind(*whole); !below.empty()) {
    descend(below, seen, disks);
  } else {
    descend_folder(whole->backing, seen, disks);
  }
}

void Occupancy::descend_folder(const std::string& path, std::set<std::string>& seen,
                               std::vector<std::string>& disks) const {
  const auto* mount = mount_of(mounts_, path);
  if (mount == nullptr || !seen.insert("folder " + mount->target).second) return;
  if (const auto device = device_of_mount(*mount); !device.empty()) descend(device, seen, disks);
  for (const auto& layer : mount->layer_paths) descend_folder(layer, seen, disks);
}

std::string Occupancy::device_of_mount(const Mount& mount) const {
  if (devices_.whole_of(mount.device) != nullptr) return mount.device;
  return device_of_source(mount.source);  // btrfs: its number is artificial, its source is a device
}

/// The block device under a loop or zram device; empty for a file or none.
std::string Occupancy::device_behind(const BlockDevice& device) const {
  if (device.backing.empty()) return {};
  if (auto number = device_of_source(device.backing); !number.empty()) return number;
  // A node that was made outside /dev.
  auto number = number_at(device.backing);
  return devices_.whole_of(number) != nullptr ? number : std::string();
}

std::string Occupancy::device_of_source(const std::string& source) const {
  if (!source.starts_with("/dev/")) return {};
  constexpr std::string_view mapper = "/dev/mapper/";
  for (const auto& device : devices_.all()) {
    if (source.starts_with(mapper) && device.label == source.substr(mapper.size())) return device.device;
  }
  const auto name = kernel_name(source);
  return name.empty() ? std::string() : devices_.device_of(name);
}

std::optional<Usage> Occupancy::assembled(const BlockDevice& disk) const {
  const auto usage = [&](const std::string& part, const std::string& holder) {
    const auto holder_device = devices_.device_of(holder);
    const auto name = holder_device.empty() ? "/dev/" + holder : devices_.display_name(holder_device);
    return Usage{Usage::Kind::assembled, "/dev/" + part + " is part of the active device " + name};
  };
  if (!disk.holders.empty()) return usage(disk.name, disk.holders.front());
  for (const auto& partition : disk.partitions) {
    if (!partition.holders.empty()) return usage(partition.name, partition.holders.front());
  }
  return std::nullopt;
}

std::optional<Usage> Occupancy::of(const BlockDevice& disk) const {
  const Use* gravest = nullptr;
  for (const auto& use : uses_) {
    if (use.disk != disk.device) continue;
    if (gravest == nullptr || use.usage.kind < gravest->usage.kind) gravest = &use;
  }
  if (gravest != nullptr) return gravest->usage;
  return assembled(disk);
}

std::set<std::string> Occupancy::below(const BlockDevice& device) const {
  std::set<std::string> seen;
  std::vector<std::string> disks;
  descend(device.device, seen, disks);
  std::set<std::string> numbers(disks.begin(), disks.end());
  numbers.erase(device.device);
  return numbers;
}

}  // namespace rescue::linux
