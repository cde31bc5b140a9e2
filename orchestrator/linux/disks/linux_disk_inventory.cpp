// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/disks/linux_disk_inventory.hpp"

#include "core/error.hpp"
#include "core/timed.hpp"
#include "orchestrator/linux/disks/disk_paths.hpp"

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

/// udev's data about the devices, and the claimants of each link.
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

/// The whole disk that a path of the rules names. "sda" is short for "/dev/sda".
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

/// States of SCSI devices and NVMe controllers that end only by hand. Other states are short: a device that is blocked
/// or is being reset may answer soon.
bool is_out_of_service(const std::string& state) {
  return state == "offline" || state == "transport-offline" || state == "cancel" || state == "deleted" ||
         state == "dead" || state.starts_with("deleting");
}

ExclusionReason reason_of(Usage::Kind kind) {
  if (kind == Usage::Kind::host_root) return ExclusionReason::host_root;
  return kind == Usage::Kind::mounted ? ExclusionReason::mounted : ExclusionReason::assembled;
}

/// A device, its identity and the decision about it.
struct Candidate {
  const BlockDevice* device;
  Identity identity;
  bool is_named = false;            ///< disks.only names it
  std::optional<ExcludedDisk> out;  ///< why it is left out
  std::optional<ExcludedDisk> bar;  ///< reason against the disk by any of its paths: the guest must not have its data
};

/// Devices that are never passed through, even if named: the host's, and those that are no usable disk of the server.
std::optional<ExcludedDisk> barred(const Candidate& candidate, const Occupancy& occupancy) {
  const auto& device = *candidate.device;
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

/// Reason against a device that only disks.only can name, or that can't be passed through.
std::optional<ExcludedDisk> unfit(const Candidate& candidate) {
  const auto& device = *candidate.device;
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

/// Whether the reason affects one path only, and not a path that works or that the rules name. Read-only is one: arrays
/// show the path to the unwritten half of a mirror read-only.
bool is_about_the_path(ExclusionReason reason) {
  return reason == ExclusionReason::not_in_only || reason == ExclusionReason::offline ||
         reason == ExclusionReason::read_only_device || reason == ExclusionReason::empty_device ||
         reason == ExclusionReason::virtual_device;
}

/// Decides about each candidate alone. One that disks.only does not name is out, and may still exclude another path.
void judge(Candidate& candidate, const Occupancy& occupancy, bool only_named,
           const std::map<std::string, std::string>& exclude) {
  const auto path = candidate.device->path();
  const bool unnamed = only_named && !candidate.is_named;
  std::optional<ExcludedDisk> found;
  if (const auto rule = exclude.find(candidate.device->device); rule != exclude.end()) {
    found = ExcludedDisk{path, ExclusionReason::excluded, "disks.exclude names it (" + rule->second + ")"};
  }
  if (!found) found = barred(candidate, occupancy);
  if (!found && !unnamed) found = unfit(candidate);
  if (found && !is_about_the_path(found->reason)) candidate.bar = found;
  candidate.out = std::move(found);
  if (unnamed) candidate.out = ExcludedDisk{path, ExclusionReason::not_in_only, "disks.only does not name it"};
}

std::string state_of(ExclusionReason reason) {
  if (reason == ExclusionReason::host_root) return "the host's";
  if (reason == ExclusionReason::firmware_raid) return "in a RAID of the firmware";
  if (reason == ExclusionReason::virtual_medium) return "no disk of the server";
  return std::string(domain::name_of(reason));  // "excluded", "mounted", "assembled", "zoned"
}

/// "/dev/sdb is another path to /dev/sda, which is excluded: disks.exclude names it (/dev/sda)"
ExcludedDisk left_out_like(const Candidate& candidate, const std::string& relation, const ExcludedDisk& bar) {
  return {candidate.device->path(), bar.reason,
          fmt::format("{} is {} {}, which is {}: {}", candidate.device->path(), relation, bar.path,
                      state_of(bar.reason), bar.detail)};
}

/// The first working path. Prefers paths with the current size to those with the size before the disk grew.
Candidate* best_of(const std::vector<Candidate*>& paths) {
  Candidate* best = nullptr;
  for (auto* path : paths) {
    if (path->out) continue;
    if (best == nullptr || best->device->size_bytes < path->device->size_bytes) best = path;
  }
  return best;
}

/// Chooses among the paths to one disk. A reason against one path is one against all. The guest gets the best path:
/// Windows would see two disks with one signature, and rewrite it.
void keep_one_path(const std::vector<Candidate*>& paths) {
  const ExcludedDisk* gravest = nullptr;
  for (const auto* path : paths) {
    if (path->bar && (gravest == nullptr || path->bar->reason < gravest->reason)) gravest = &*path->bar;
  }
  auto* kept = gravest == nullptr ? best_of(paths) : nullptr;
  for (auto* path : paths) {
    if (path->out || path == kept) continue;
    if (gravest != nullptr) {
      path->out = left_out_like(*path, "another path to", *gravest);
      continue;
    }
    const auto& wwn = path->identity.wwn;
    path->out =
        ExcludedDisk{path->device->path(), ExclusionReason::assembled,
                     fmt::format("{} is another path to the same disk as {} (WWN {}); the guest gets one",
                                 path->device->path(), kept->device->path(), wwn.empty() ? path->device->wwid : wwn)};
  }
  // Takes the serial number from a path that has one.
  for (const auto* path : paths) {
    if (kept != nullptr && kept->identity.serial.empty()) kept->identity.serial = path->identity.serial;
  }
}

/// disks.only may name a device that the kernel built on disks (dm, md, loop), which are then excluded themselves. The
/// device is left out if the rules exclude a disk below it, or the host uses that disk by another path.
void keep_out_what_is_above(Candidate& built, const std::vector<Candidate*>& paths, const Occupancy& occupancy) {
  if (built.out || !built.device->is_virtual) return;
  const auto below = occupancy.below(*built.device);
  const auto is_below = [&](const Candidate* path) { return below.contains(path->device->device); };
  if (std::none_of(paths.begin(), paths.end(), is_below)) return;
  for (const auto* path : paths) {
    if (!path->bar) continue;
    if (path->bar->reason != ExclusionReason::excluded && is_below(path)) continue;
    built.out = left_out_like(built, is_below(path) ? "built on" : "built on another path to", *path->bar);
    return;
  }
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

bool comes_before(const Candidate& left, const Candidate& right) {
  const auto& one = left.identity.transport;
  const auto& other = right.identity.transport;
  return one != other ? one < other : natural_less(left.device->path(), right.device->path());
}

/// A link is only valid by its target: udev points it to the last device that claimed it.
std::string stable_path_of(const BlockDevice& device, const Identity& identity, const UdevFacts& udev,
                           const InventorySources& sources) {
  for (const auto& link : stable_links(identity.links)) {
    if (udev.claimants(link).size() == 1 && sources.resolve(link).device == device.device) return link;
  }
  return device.path();
}

Disk describe(const Candidate& candidate) {
  const auto& device = *candidate.device;
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

void compare_paths(std::vector<Candidate>& candidates, const Occupancy& occupancy) {
  std::vector<DiskPath> paths;
  paths.reserve(candidates.size());
  for (const auto& candidate : candidates) paths.push_back({*candidate.device, candidate.identity});
  for (const auto& group : grouped_by_disk(paths)) {
    std::vector<Candidate*> to_one;
    to_one.reserve(group.size());
    for (const auto index : group) to_one.push_back(&candidates[index]);
    for (auto& candidate : candidates) keep_out_what_is_above(candidate, to_one, occupancy);
    keep_one_path(to_one);
  }
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
  // udev's database describes the real /sys; it must not be mixed with a recorded tree.
  if (!sources_.udev && udev_runs && sources_.files.sysfs == "/sys") sources_.udev = identity_from_udev;
}

domain::DiskSurvey LinuxDiskInventory::survey(const domain::DiskRules& rules) {
  const log::Timed line("surveyed the disks");
  const auto devices = BlockDevices::read(sources_.files.sysfs);
  const UdevFacts udev(devices, sources_);
  const auto only = named(devices, sources_, udev, "disks.only", rules.only);
  const auto exclude = named(devices, sources_, udev, "disks.exclude", rules.exclude);
  const Occupancy occupancy(devices, sources_.files);
  std::vector<Candidate> candidates;
  for (const auto& device : devices.all()) {
    const bool in_only = only.contains(device.device);
    const bool idle = device.is_virtual && device.size_bytes == 0;
    if (device.is_optical || (idle && !in_only)) continue;
    candidates.push_back({&device, identity_from_sysfs(device), in_only, {}, {}});
    auto& candidate = candidates.back();
    if (const auto* known = udev.of(device)) candidate.identity = merged(std::move(candidate.identity), *known);
    judge(candidate, occupancy, !only.empty(), exclude);
  }
  std::sort(candidates.begin(), candidates.end(), comes_before);
  compare_paths(candidates, occupancy);
  domain::DiskSurvey survey;
  for (auto& candidate : candidates) {
    if (candidate.out) {
      survey.excluded.push_back(*std::move(candidate.out));
      continue;
    }
    survey.usable.push_back(describe(candidate));
    survey.usable.back().stable_path = stable_path_of(*candidate.device, candidate.identity, udev, sources_);
  }
  std::sort(survey.excluded.begin(), survey.excluded.end(),
            [](const ExcludedDisk& left, const ExcludedDisk& right) { return natural_less(left.path, right.path); });
  return survey;
}

}  // namespace rescue::linux
