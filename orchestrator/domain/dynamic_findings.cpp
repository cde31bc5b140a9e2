// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/dynamic_findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace rescue::domain {
namespace {

/// The members of a disk's group that are there.
class DynamicGroup {
public:
  DynamicGroup(const std::vector<InspectedDisk>& disks, const DynamicDisk& database) : database_(database) {
    for (const auto& disk : disks) {
      const auto& other = disk.facts.dynamic;
      if (other && other->problem.empty() && other->group_id == database.group_id) present_.push_back(&disk);
    }
  }
  [[nodiscard]] const std::vector<const InspectedDisk*>& present() const { return present_; }
  [[nodiscard]] bool has(const std::string& id) const {
    return std::any_of(present_.begin(), present_.end(),
                       [&](const auto* disk) { return disk->facts.dynamic->id == id; });
  }
  [[nodiscard]] std::string name_of_disk(const std::string& id) const {
    for (const auto& disk : database_.disks) {
      if (disk.id == id) return disk.name;
    }
    return "a disk that the group does not name";
  }
  [[nodiscard]] std::vector<std::string> missing() const {
    std::vector<std::string> names;
    for (const auto& disk : database_.disks) {
      if (!has(disk.id)) names.push_back(disk.name);
    }
    return names;
  }
  [[nodiscard]] std::uint64_t latest() const {
    std::uint64_t latest = 0;
    for (const auto* disk : present_) latest = std::max(latest, disk->facts.dynamic->sequence);
    return latest;
  }

private:
  const DynamicDisk& database_;
  std::vector<const InspectedDisk*> present_;
};

Finding finding_of_member(const DynamicDisk& database, const DynamicGroup& group) {
  const auto missing = group.missing();
  Finding finding{"dynamic-disk", Severity::warning, "", 0, "", ""};
  finding.text = fmt::format("is {} of the {} dynamic disks of the group {}", group.name_of_disk(database.id),
                             database.disks.size(), database.group);
  finding.text += missing.empty() ? "; all of them are there" : fmt::format("; missing: {}", fmt::join(missing, ", "));
  finding.remedy =
      missing.empty()
          ? "Importing the group in the rescue Windows changes its database, and may start to copy one half of a "
            "mirror "
            "over the other. Copy the disks first."
          : "Do not import the group in the rescue Windows while disks are missing: Windows marks their volumes as "
            "failed. Look for the disks first, and copy those that are there.";
  return finding;
}

Finding finding_of_volume(const DynamicVolume& volume, const DynamicGroup& group) {
  std::vector<std::string> missing;
  std::size_t whole_copies = 0;
  for (const auto& copy : volume.copies) {
    const auto before = missing.size();
    for (const auto& disk : copy.disks) {
      const auto name = group.name_of_disk(disk);
      const bool known = std::find(missing.begin(), missing.end(), name) != missing.end();
      if (!group.has(disk) && !known) missing.push_back(name);
    }
    if (missing.size() == before && !copy.disks.empty()) ++whole_copies;
  }
  const auto text = fmt::format("the dynamic volume {} ({}, {} MiB{}{})", volume.name, name_of(volume.kind),
                                volume.bytes >> 20U, volume.hint.empty() ? "" : ", last as ", volume.hint);
  Finding finding{"dynamic-volume", Severity::info, "", 0, text + " is complete", ""};
  if (missing.empty() && !volume.copies.empty()) return finding;
  const bool readable = whole_copies > 0 || (volume.kind == DynamicKind::raid5 && missing.size() == 1);
  if (readable) {
    finding.code = "dynamic-volume-degraded";
    finding.severity = Severity::warning;
    finding.text =
        fmt::format("{} has lost a part, and can still be read; missing: {}", text, fmt::join(missing, ", "));
    finding.remedy = "Save its files before anything else: another disk that fails takes them.";
  } else {
    finding.code = "dynamic-volume-missing";
    finding.severity = Severity::danger;
    finding.text = fmt::format("{} can't be read; missing: {}", text, fmt::join(missing, ", "));
    finding.remedy = "Do not delete or reactivate it. It is complete again when its disks are back.";
  }
  return finding;
}

}  // namespace

void add_dynamic_findings(const std::vector<InspectedDisk>& disks, const InspectedDisk& disk,
                          std::vector<Finding>& into) {
  if (!disk.facts.dynamic) return;
  const auto add = [&](Finding finding) {
    finding.disk = disk.path;
    into.push_back(std::move(finding));
  };
  const auto& database = *disk.facts.dynamic;
  if (!database.problem.empty()) {
    return add({"dynamic-disk-unreadable", Severity::warning, "", 0,
                fmt::format("is a Windows dynamic disk, and {}", database.problem),
                "Look at it in the rescue Windows. Copy the disk before it is imported or repaired."});
  }
  const DynamicGroup group(disks, database);
  add(finding_of_member(database, group));
  if (database.sequence < group.latest()) {
    add({"dynamic-disk-stale", Severity::danger, "", 0,
         "was away while its group changed: what it knows of the group, and its half of a mirror, is older",
         "Do not import the group before this disk and the others are copied: Windows may take the older half."});
  }
  const bool latest_before = std::any_of(disks.begin(), disks.end(), [&](const InspectedDisk& other) {
    return &other < &disk && other.facts.dynamic && other.facts.dynamic->problem.empty() &&
           other.facts.dynamic->group_id == database.group_id && other.facts.dynamic->sequence == group.latest();
  });
  if (latest_before || database.sequence < group.latest()) return;
  for (const auto& volume : database.volumes) add(finding_of_volume(volume, group));
}

}  // namespace rescue::domain
