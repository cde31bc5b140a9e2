// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/disk_health.hpp"

#include "core/peer_json.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace rescue::domain {
namespace {

using Json = nlohmann::json;

constexpr const char* save_first =
    "Copy the files that matter before anything else: `rescuectl disks`, and a rescue in "
    "disk mode `ro` or `overlay`. Then have the disk replaced.";

std::optional<std::uint64_t> number_at(const Json& root, const char* pointer) {
  const Json::json_pointer where(pointer);
  if (!root.contains(where) || !root.at(where).is_number_unsigned()) return std::nullopt;
  return root.at(where).get<std::uint64_t>();
}

/// Bits of an NVMe disk's critical warning (NVM Express Base 2.0, 5.16.1.3).
std::vector<std::string> nvme_warnings(std::uint64_t bits) {
  constexpr std::array<const char*, 6> texts{
      "its spare blocks are nearly used up", "it is too hot or too cold",
      "it has had too many errors",          "it has become read-only",
      "the backup of its cache has failed",  "its persistent memory is unreliable"};
  std::vector<std::string> warnings;
  for (std::size_t bit = 0; bit < texts.size(); ++bit) {
    if ((bits >> bit & 1U) != 0) warnings.emplace_back(texts.at(bit));
  }
  return warnings;
}

/// Attributes of ATA disks, by the numbers that all makers use.
void read_attributes(const Json& root, DiskHealth& health) {
  const Json::json_pointer where("/ata_smart_attributes/table");
  if (!root.contains(where) || !root.at(where).is_array()) return;
  for (const auto& attribute : root.at(where)) {
    const auto id = number_at(attribute, "/id");
    const auto value = number_at(attribute, "/raw/value");
    constexpr unsigned reallocated = 5;
    constexpr unsigned pending = 197;
    constexpr unsigned unreadable = 198;
    // Some makers count other things in the upper bytes.
    constexpr std::uint64_t counted = 0xffffffff;
    if (!id || !value) continue;
    if (*id == reallocated) health.reallocated_sectors = *value & counted;
    if (*id == pending) health.pending_sectors = *value & counted;
    if (*id == unreadable) health.unreadable_sectors = *value & counted;
  }
}

std::string first_message(const Json& root) {
  const Json::json_pointer where("/smartctl/messages/0/string");
  constexpr std::size_t longest = 200;
  if (root.contains(where) && root.at(where).is_string()) return printable(root.at(where).get<std::string>(), longest);
  return "the disk reports no health";
}

bool knows_something(const DiskHealth& health) {
  return health.passed || health.reallocated_sectors || health.media_errors || health.worn_percent;
}

std::string list_of(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, ", ")); }

void find_failure(const DiskHealth& disk, std::vector<Finding>& findings) {
  if (disk.passed.value_or(true) && disk.warnings.empty()) return;
  auto why = list_of(disk.warnings);
  findings.push_back({"disk-failing", Severity::danger, disk.path, 0,
                      why.empty() ? "the disk itself says that it is failing" : "the disk itself says: " + why,
                      save_first});
}

void find_unreadable(const DiskHealth& disk, std::vector<Finding>& findings) {
  const auto pending = disk.pending_sectors.value_or(0);
  const auto unreadable = disk.unreadable_sectors.value_or(0);
  const auto media = disk.media_errors.value_or(0);
  if (pending + unreadable + media == 0) return;
  const auto text = media > 0 ? fmt::format("the disk has lost data {} times", media)
                              : fmt::format("{} sectors of the disk can't be read", std::max(pending, unreadable));
  findings.push_back(
      {"unreadable-sectors", Severity::danger, disk.path, 0, text,
       std::string(save_first) + " `chkdsk /r` works such a disk hard: not before the files are copied."});
}

void find_wear(const DiskHealth& disk, std::vector<Finding>& findings) {
  constexpr std::uint64_t worn_out = 100;
  constexpr std::uint64_t nearly = 90;
  const auto worn = disk.worn_percent.value_or(0);
  if (worn < nearly) return;
  findings.push_back({"disk-worn-out", worn < worn_out ? Severity::info : Severity::warning, disk.path, 0,
                      fmt::format("{} % of the writing that its maker guarantees is done", worn),
                      "Have the disk replaced soon."});
}

void find_reallocated(const DiskHealth& disk, std::vector<Finding>& findings) {
  constexpr std::uint64_t many = 100;
  const auto count = disk.reallocated_sectors.value_or(0);
  if (count == 0) return;
  findings.push_back({"reallocated-sectors", count < many ? Severity::info : Severity::warning, disk.path, 0,
                      fmt::format("the disk has replaced {} bad sector{}", count, count == 1 ? "" : "s"),
                      count < many ? "If the number grows, have the disk replaced." : "Have the disk replaced soon."});
}

Json optional_json(const std::optional<std::uint64_t>& value) { return value ? Json(*value) : Json(); }

}  // namespace

DiskHealth disk_health_from(const std::string& path, std::string_view smartctl) {
  const auto root = parse_peer_json(smartctl);
  DiskHealth health{path};
  if (const Json::json_pointer passed("/smart_status/passed"); root.contains(passed) && root.at(passed).is_boolean()) {
    health.passed = root.at(passed).get<bool>();
  }
  health.warnings = nvme_warnings(number_at(root, "/nvme_smart_health_information_log/critical_warning").value_or(0));
  health.media_errors = number_at(root, "/nvme_smart_health_information_log/media_errors");
  health.worn_percent = number_at(root, "/nvme_smart_health_information_log/percentage_used");
  if (!health.worn_percent) health.worn_percent = number_at(root, "/scsi_percentage_used_endurance_indicator");
  health.reallocated_sectors = number_at(root, "/scsi_grown_defect_list");
  read_attributes(root, health);
  health.temperature_celsius = number_at(root, "/temperature/current");
  health.power_on_hours = number_at(root, "/power_on_time/hours");
  if (!knows_something(health)) health.problem = first_message(root);
  return health;
}

Json to_json(const DiskHealth& health) {
  return {{"passed", health.passed ? Json(*health.passed) : Json()},
          {"warnings", health.warnings},
          {"reallocated_sectors", optional_json(health.reallocated_sectors)},
          {"pending_sectors", optional_json(health.pending_sectors)},
          {"unreadable_sectors", optional_json(health.unreadable_sectors)},
          {"media_errors", optional_json(health.media_errors)},
          {"worn_percent", optional_json(health.worn_percent)},
          {"temperature_celsius", optional_json(health.temperature_celsius)},
          {"power_on_hours", optional_json(health.power_on_hours)},
          {"problem", health.problem}};
}

std::vector<Finding> findings_of_health(const std::vector<DiskHealth>& disks) {
  std::vector<Finding> findings;
  for (const auto& disk : disks) {
    find_failure(disk, findings);
    find_unreadable(disk, findings);
    find_wear(disk, findings);
    find_reallocated(disk, findings);
  }
  return findings;
}

}  // namespace rescue::domain
