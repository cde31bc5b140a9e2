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
#include <filesystem>
#include <map>
#include <set>

namespace rescue::linux {
namespace {

using domain::Disk;
using domain::ExcludedDisk;
using domain::ExclusionReason;

[[noreturn]] void refuse(const std::string& setting, const std::string& path, const std::string& problem,
                         const std::string& remedy) {
  throw Error(ErrorCode::config_invalid, fmt::format("{} names {}, which {}", setting, path, problem), remedy);
}

/// What udev knows of the devices, and who claims which link.
class UdevFacts {
public:
  UdevFacts(const BlockDevices& devices, const InventorySources& sources) {
    if (!sources.udev) return;
    for (const auto& device : devices.all()) {
      auto identity = sources.udev(device);
      if (!identity) continue;
      for (const auto& link : identity->links) claimants_[link].insert(device.device);
      identities_.emplace(device.device, *std::move(identity));
    }
  }
  [[nodiscard]] const Identity* of(const BlockDevice& device) const {
    const auto found = identities_.find(device.device);
    return found == identities_.end() ? nullptr : &found->second;
  }
  /// The numbers of the devices that claim this link.
  [[nodiscard]] std::set<std::string> claimants(const std::string& link) const {
    const auto found = claimants_.find(std::filesystem::path(link).lexically_normal().string());
    return found == claimants_.end() ? std::set<std::string>() : found->second;
  }

private:
  std::map<std::string, Identity> identities_;
  std::map<std::string, std::set<std::string>> claimants_;
};

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
                                         const UdevFacts& udev, const std::string& setting,
                                         const std::vector<std::string>& paths) {
  std::map<std::string, std::string> numbers;
  for (const auto& path : paths) {
    numbers.emplace(whole_disk(devices, sources, setting, path).device, path);
    const auto claimants = udev.claimants(path);
    if (claimants.size() < 2) continue;
    std::vector<std::string> names;
    names.reserve(claimants.size());
    for (const auto& device : claimants) names.push_back(devices.display_name(device));
    refuse(setting, path, fmt::format("several disks claim: {}", fmt::join(names, ", ")),
           "Name the disk that is meant by its kernel name, or by a link that it alone has (ls -l /dev/disk/by-id).");
  }
  return numbers;
}

/// States of SCSI devices and NVMe controllers from which nothing comes back by itself. The others are short: a device
/// that is blocked or is being reset may answer soon.
bool is_out_of_service(const std::string& state) {
  return state == "offline" || state == "transport-offline" || state == "cancel" || state == "deleted" ||
         state == "dead" || state.starts_with("deleting");
}

ExclusionReason reason_of(Usage::Kind kind) {
  if (kind == Usage::Kind::host_root) return ExclusionReason::host_root;
  return kind == Usage::Kind::mounted ? ExclusionReason::mounted : ExclusionReason::assembled;
}

std::optional<ExcludedDisk> left_out_by_rules(const BlockDevice& device, const std::map<std::string, std::string>& only,
                                              const std::map<std::string, std::string>& exclude) {
  if (!only.empty() && !only.contains(device.device)) {
    return ExcludedDisk{device.path(), ExclusionReason::not_in_only, "disks.only does not name it"};
  }
  const auto excluded = exclude.find(device.device);
  if (excluded == exclude.end()) return std::nullopt;
  return ExcludedDisk{device.path(), ExclusionReason::excluded, "disks.exclude names it (" + excluded->second + ")"};
}

/// A device and what is known of it.
struct Candidate {
  const BlockDevice& device;
  Identity identity;
  bool is_named = false;  ///< disks.only names it
};

/// What is never given away, named or not: the host's, and what is no disk of the server or can't be used as one.
std::optional<ExcludedDisk> barred(const Candidate& candidate, const Occupancy& occupancy) {
  const auto& device = candidate.device;
  const auto path = device.path();
  const auto out = [&](ExclusionReason reason, std::string detail) {
    return ExcludedDisk{path, reason, std::move(detail)};
  };
  if (const auto usage = occupancy.of(device)) return out(reason_of(usage->kind), usage->detail);
  if (device.is_firmware_storage()) {
    return out(ExclusionReason::firmware_storage, path + " holds the machine's firmware or boot code, and is no disk");
  }
  if (is_out_of_service(device.state)) {
    return out(ExclusionReason::offline,
               fmt::format("the kernel has {} as {}: it does not answer (dmesg says why)", path, device.state));
  }
  if (device.host_managed_zones) {
    return out(ExclusionReason::zoned,
               path +
                   " has zones that the host must write in order (SMR, host-managed): a guest can't use it as a disk");
  }
  if (is_firmware_raid(candidate.identity.content)) {
    return out(ExclusionReason::firmware_raid,
               fmt::format("{} is a member of a RAID of the firmware ({}): written to on its own it would ruin the "
                           "array. Assemble it by hand (mdadm --assemble with its disks, mdadm --incremental with the "
                           "container) and name the array in disks.only",
                           path, candidate.identity.content));
  }
  return std::nullopt;
}

/// Why the device is not given away unless disks.only names it, or can't be.
std::optional<ExcludedDisk> unfit(const Candidate& candidate) {
  const auto& device = candidate.device;
  const auto path = device.path();
  if (device.is_virtual && !candidate.is_named) {
    return ExcludedDisk{path, ExclusionReason::virtual_device,
                        path + " is no hardware; it is used only when disks.only names it"};
  }
  if (device.size_bytes == 0) {
    return ExcludedDisk{path, ExclusionReason::empty_device, path + " has no medium (its size is 0)"};
  }
  if (device.read_only) {
    return ExcludedDisk{path, ExclusionReason::read_only_device,
                        "the kernel has " + path + " read-only (blockdev --getro)"};
  }
  if (is_virtual_medium(candidate.identity) && !candidate.is_named) {
    return ExcludedDisk{path, ExclusionReason::virtual_medium,
                        fmt::format("{} ({} {}) is a medium that the BMC or the firmware shows, and no disk of the "
                                    "server; it is used only when disks.only names it",
                                    path, candidate.identity.vendor, candidate.identity.model)};
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

/// A disk that may be given away, and the kernel's name for the unit behind it.
struct Usable {
  Disk disk;
  std::string wwid;
};

/// One unit by two paths: a name that is unique in the world, or NVMe's name of subsystem and namespace. One path may
/// tell no serial number; two that tell different ones lead to different disks.
bool are_paths_to_one(const Usable& left, const Usable& right) {
  const bool same_name =
      (!left.disk.wwn.empty() && left.disk.wwn == right.disk.wwn) ||
      (left.wwid == right.wwid && (left.wwid.starts_with("nvme.") || !wwn_from_wwid(left.wwid).empty()));
  const bool same_serial =
      left.disk.serial.empty() || right.disk.serial.empty() || left.disk.serial == right.disk.serial;
  return same_name && same_serial && left.disk.size_bytes == right.disk.size_bytes;
}

/// Two paths of one LUN, not assembled by multipath: Windows would see two disks with one signature, and rewrite it.
void leave_one_path_each(std::vector<Usable> found, domain::DiskSurvey& survey) {
  std::vector<Usable> kept;
  for (auto& one : found) {
    const auto twin =
        std::find_if(kept.begin(), kept.end(), [&](const Usable& other) { return are_paths_to_one(one, other); });
    if (twin == kept.end()) {
      kept.push_back(std::move(one));
      continue;
    }
    survey.excluded.push_back(
        {one.disk.path, ExclusionReason::assembled,
         fmt::format("{} is another path to the same disk as {} (WWN {}); the guest gets one", one.disk.path,
                     twin->disk.path, one.disk.wwn.empty() ? one.wwid : one.disk.wwn)});
    // The path that tells more stands for the disk.
    if (twin->disk.serial.empty()) twin->disk.serial = one.disk.serial;
  }
  for (auto& one : kept) survey.usable.push_back(std::move(one.disk));
}

bool comes_before(const Disk& left, const Disk& right) {
  return left.transport != right.transport ? left.transport < right.transport : natural_less(left.path, right.path);
}

/// A link is only as good as where it leads: udev gives it to whichever of its claimants came last.
std::string stable_path_of(const BlockDevice& device, const Identity& identity, const UdevFacts& udev,
                           const InventorySources& sources) {
  for (const auto& link : stable_links(identity.links)) {
    if (udev.claimants(link).size() == 1 && sources.resolve(link).device == device.device) return link;
  }
  return device.path();
}

Disk describe(const Candidate& candidate) {
  const auto& device = candidate.device;
  const auto& identity = candidate.identity;
  Disk disk;
  disk.path = device.path();
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

domain::DiskSurvey LinuxDiskInventory::survey(const domain::DiskRules& rules) {
  const auto devices = BlockDevices::read(sources_.files.sysfs);
  const UdevFacts udev(devices, sources_);
  const auto only = named(devices, sources_, udev, "disks.only", rules.only);
  const auto exclude = named(devices, sources_, udev, "disks.exclude", rules.exclude);
  const Occupancy occupancy(devices, sources_.files);
  domain::DiskSurvey survey;
  std::vector<Usable> usable;
  for (const auto& device : devices.all()) {
    const bool in_only = only.contains(device.device);
    const bool idle = device.is_virtual && device.size_bytes == 0;
    if (device.is_optical || (idle && !in_only)) continue;
    if (auto out = left_out_by_rules(device, only, exclude)) {
      survey.excluded.push_back(std::move(*out));
      continue;
    }
    Candidate candidate{device, identity_from_sysfs(device), in_only};
    if (const auto* known = udev.of(device)) candidate.identity = merged(std::move(candidate.identity), *known);
    auto bar = barred(candidate, occupancy);
    if (!bar) bar = unfit(candidate);
    if (bar) {
      survey.excluded.push_back(std::move(*bar));
      continue;
    }
    usable.push_back({describe(candidate), device.wwid});
    usable.back().disk.stable_path = stable_path_of(device, candidate.identity, udev, sources_);
  }
  std::sort(usable.begin(), usable.end(),
            [](const Usable& left, const Usable& right) { return comes_before(left.disk, right.disk); });
  leave_one_path_each(std::move(usable), survey);
  std::sort(survey.excluded.begin(), survey.excluded.end(),
            [](const ExcludedDisk& left, const ExcludedDisk& right) { return natural_less(left.path, right.path); });
  return survey;
}

}  // namespace rescue::linux
