// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/raid_findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace rescue::domain {
namespace {

/// Metadata has the end of a serial number; blanks are left out of it.
bool is_member(const std::string& serial, const std::string& member) {
  const auto without_blanks = [](std::string text) {
    std::erase(text, ' ');
    return text;
  };
  const auto end = without_blanks(member);
  return !end.empty() && without_blanks(serial).ends_with(end);
}

std::string volume_text(const RaidVolume& volume) {
  const auto what = volume.level == 1   ? std::string("mirror")
                    : volume.level == 0 ? std::string("stripe")
                                        : fmt::format("RAID{}", volume.level);
  return fmt::format("{} '{}'{}", what, volume.name,
                     volume.state == RaidState::normal ? "" : fmt::format(" ({})", name_of(volume.state)));
}

}  // namespace

void add_raid_findings(const std::vector<InspectedDisk>& disks, const InspectedDisk& disk, std::vector<Finding>& into) {
  constexpr const char* keep = "Never write to a member on its own: the firmware may copy the other half over it.";
  if (!disk.facts.raid) return;
  const auto& raid = *disk.facts.raid;
  if (!raid.problem.empty() && raid.members.empty()) {
    into.push_back({"firmware-raid", Severity::danger, disk.path, 0,
                    "is a member of an array that the firmware keeps, and " + raid.problem, keep});
    return;
  }
  std::vector<std::string> others;
  std::uint64_t latest = 0;
  std::vector<std::string> serials;
  for (const auto& other : disks) {
    if (!other.facts.raid || other.facts.raid->id != raid.id) continue;
    latest = std::max(latest, other.facts.raid->generation);
    serials.push_back(other.serial);
    if (&other != &disk) others.push_back(other.path);
  }
  std::vector<std::string> missing;
  for (const auto& member : raid.members) {
    const bool here =
        std::any_of(serials.begin(), serials.end(), [&](const auto& serial) { return is_member(serial, member); });
    if (!here) missing.push_back(member);
  }
  // Behind some controllers a disk has another serial number than its metadata.
  const bool by_count = serials.size() >= raid.members.size();
  std::vector<std::string> volumes;
  std::transform(raid.volumes.begin(), raid.volumes.end(), std::back_inserter(volumes), volume_text);
  auto text = fmt::format("is a member of the firmware's {}",
                          volumes.empty() ? "array " + raid.id : fmt::format("{}", fmt::join(volumes, ", ")));
  if (!others.empty()) text += fmt::format(", with {}", fmt::join(others, ", "));
  if (!by_count && !missing.empty()) {
    text += fmt::format("; {} of {} members {} missing: {}", raid.members.size() - serials.size(), raid.members.size(),
                        raid.members.size() - serials.size() == 1 ? "is" : "are", fmt::join(missing, ", "));
  }
  into.push_back({"firmware-raid", Severity::danger, disk.path, 0, std::move(text), keep});
  if (raid.generation < latest) {
    into.push_back({"firmware-raid-stale", Severity::danger, disk.path, 0,
                    "has older metadata than another member of its array: it was away, or has failed",
                    "Its data are older, too. Do not take it for the good half of a mirror."});
  }
}

}  // namespace rescue::domain
