// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/linux_disk_inventory.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace rescue::linux {
namespace {

using domain::Disk;
using domain::ExcludedDisk;
using domain::ExclusionReason;

[[noreturn]] void refuse(const std::string& setting, const std::string& path, const std::string& problem,
                         const std::string& remedy) {
  throw Error(ErrorCode::config_invalid, fmt::format("{} names {}, which {}", setting, path, problem), remedy);
}

/// The whole disk that a path of the rules means. "sda" is short for "/dev/sda".
const BlockDevice& whole_disk(const BlockDevices& devices, const InventorySources& sources, const std::string& setting,
                              const std::string& path) {
  const std::string see = "`rescuectl disks` lists the disks of this server.";
  if (path.empty()) refuse(setting, "an empty path", "is no disk", see);
  const auto found = sources.resolve(path.find('/') == std::string::npos ? "/dev/" + path : path);
  if (found.kind == ResolvedPath::Kind::missing) refuse(setting, path, "does not exist", see);
  if (found.kind == ResolvedPath::Kind::other) {
    refuse(setting, path, "is not a block device",
           "Name a whole disk, for example /dev/sda. A disk image is attached with losetup --find --show first.");
  }
  const auto* whole = devices.whole_of(found.device);
  if (whole == nullptr) refuse(setting, path, "sysfs does not know as a disk (" + found.device + ")", see);
  if (whole->device != found.device) {
    refuse(setting, path, "is a partition of " + whole->path(), "Name the whole disk: " + whole->path() + ".");
  }
  if (whole->is_optical) refuse(setting, path, "is an optical or floppy drive", see);
  return *whole;
}

/// Device numbers of the disks that a setting names, with the path that named them.
std::map<std::string, std::string> named(const BlockDevices& devices, const InventorySources& sources,
                                         const std::string& setting, const std::vector<std::string>& paths) {
  std::map<std::string, std::string> numbers;
  for (const auto& path : paths) numbers.emplace(whole_disk(devices, sources, setting, path).device, path);
  return numbers;
}

ExclusionReason reason_of(Usage::Kind kind) {
  if (kind == Usage::Kind::host_root) return ExclusionReason::host_root;
  return kind == Usage::Kind::mounted ? ExclusionReason::mounted : ExclusionReason::assembled;
}

/// Why the device itself, whatever the settings say, can't be given away; `named` lifts the bar for virtual devices.
std::optional<ExcludedDisk> barred(const BlockDevice& device, const Occupancy& occupancy, bool is_named) {
  if (const auto usage = occupancy.of(device))
    return ExcludedDisk{device.path(), reason_of(usage->kind), usage->detail};
  if (device.is_virtual && !is_named) {
    return ExcludedDisk{device.path(), ExclusionReason::virtual_device,
                        device.path() + " is no hardware; it is used only when disks.only names it"};
  }
  if (device.size_bytes == 0) {
    return ExcludedDisk{device.path(), ExclusionReason::empty_device, device.path() + " has no medium (its size is 0)"};
  }
  if (device.read_only) {
    return ExcludedDisk{device.path(), ExclusionReason::read_only_device,
                        "the kernel has " + device.path() + " read-only (blockdev --getro)"};
  }
  return std::nullopt;
}

/// sda before sdb before sdaa, nvme2n1 before nvme10n1: runs of digits by value, runs of letters by length first.
bool natural_less(std::string_view left, std::string_view right) {
  const auto run = [](std::string_view text) {
    const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    std::size_t length = 1;
    while (length < text.size() && digit(text[length]) == digit(text[0])) ++length;
    return text.substr(0, length);
  };
  while (!left.empty() && !right.empty()) {
    const auto a = run(left);
    const auto b = run(right);
    if (a != b) return a.size() != b.size() ? a.size() < b.size() : a < b;
    left.remove_prefix(a.size());
    right.remove_prefix(b.size());
  }
  return left.size() < right.size();
}

/// Two paths of one LUN, not assembled by multipath: Windows would see two disks with one signature, and rewrite it.
void leave_one_path_each(domain::DiskSurvey& survey) {
  std::vector<Disk> kept;
  for (auto& disk : survey.usable) {
    const auto twin = std::find_if(kept.begin(), kept.end(), [&](const Disk& other) {
      return !disk.wwn.empty() && disk.wwn == other.wwn && disk.serial == other.serial &&
             disk.size_bytes == other.size_bytes;
    });
    if (twin == kept.end()) {
      kept.push_back(std::move(disk));
    } else {
      survey.excluded.push_back({disk.path, ExclusionReason::assembled,
                                 fmt::format("{} is another path to the same disk as {} (WWN {}); the guest gets one",
                                             disk.path, twin->path, disk.wwn)});
    }
  }
  survey.usable = std::move(kept);
}

void sort(domain::DiskSurvey& survey) {
  std::sort(survey.usable.begin(), survey.usable.end(), [](const Disk& left, const Disk& right) {
    return left.transport != right.transport ? left.transport < right.transport : natural_less(left.path, right.path);
  });
  std::sort(survey.excluded.begin(), survey.excluded.end(),
            [](const ExcludedDisk& left, const ExcludedDisk& right) { return natural_less(left.path, right.path); });
}

}  // namespace

ResolvedPath resolve_path(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  if (!S_ISBLK(status.st_mode)) return {ResolvedPath::Kind::other, {}};
  return {ResolvedPath::Kind::block_device, fmt::format("{}:{}", major(status.st_rdev), minor(status.st_rdev))};
}

LinuxDiskInventory::LinuxDiskInventory(InventorySources sources) : sources_(std::move(sources)) {
  const bool udev_runs = ::access("/run/udev", F_OK) == 0;
  // udev's database is about the real /sys; a recorded tree must not be mixed with it.
  if (!sources_.udev && udev_runs && sources_.files.sysfs == "/sys") sources_.udev = identity_from_udev;
}

Disk LinuxDiskInventory::describe(const BlockDevice& device) const {
  auto identity = identity_from_sysfs(device);
  if (sources_.udev) {
    if (const auto udev = sources_.udev(device)) identity = merged(std::move(identity), *udev);
  }
  Disk disk;
  disk.path = device.path();
  disk.stable_path = identity.stable_path.empty() ? disk.path : identity.stable_path;
  disk.device = device.device;
  disk.serial = identity.serial;
  disk.wwn = identity.wwn;
  disk.vendor = identity.vendor;
  disk.model = identity.model;
  disk.size_bytes = device.size_bytes;
  disk.logical_block_size = device.logical_block_size;
  disk.physical_block_size = device.physical_block_size;
  disk.rotational = device.rotational;
  disk.transport = identity.transport;
  return disk;
}

domain::DiskSurvey LinuxDiskInventory::survey(const domain::DiskRules& rules) {
  const auto devices = BlockDevices::read(sources_.files.sysfs);
  const auto only = named(devices, sources_, "disks.only", rules.only);
  const auto exclude = named(devices, sources_, "disks.exclude", rules.exclude);
  const Occupancy occupancy(devices, sources_.files);
  domain::DiskSurvey survey;
  for (const auto& device : devices.all()) {
    const bool in_only = only.contains(device.device);
    const bool idle = device.is_virtual && device.size_bytes == 0;
    if (device.is_optical || (idle && !in_only)) continue;
    const auto excluded = exclude.find(device.device);
    if (!only.empty() && !in_only) {
      survey.excluded.push_back({device.path(), ExclusionReason::not_in_only, "disks.only does not name it"});
    } else if (excluded != exclude.end()) {
      survey.excluded.push_back(
          {device.path(), ExclusionReason::excluded, "disks.exclude names it (" + excluded->second + ")"});
    } else if (auto bar = barred(device, occupancy, in_only)) {
      survey.excluded.push_back(std::move(*bar));
    } else {
      survey.usable.push_back(describe(device));
    }
  }
  sort(survey);
  leave_one_path_each(survey);
  sort(survey);
  return survey;
}

}  // namespace rescue::linux
