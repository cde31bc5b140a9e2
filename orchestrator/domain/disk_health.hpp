// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Health of a disk as its own firmware reports it: SMART of ATA and SCSI disks, the health log of NVMe. The guest can't
// see it through virtio-scsi.

#include "orchestrator/domain/findings.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::domain {

struct DiskHealth {
  std::string path;                     ///< "/dev/sda"
  std::optional<bool> passed{};         ///< the disk's own verdict
  std::vector<std::string> warnings{};  ///< of an NVMe disk: "the spare blocks are nearly used up"
  std::optional<std::uint64_t> reallocated_sectors{};
  std::optional<std::uint64_t> pending_sectors{};     ///< can't be read now; a write may mend them
  std::optional<std::uint64_t> unreadable_sectors{};  ///< found by the disk's own test
  std::optional<std::uint64_t> media_errors{};        ///< of an NVMe disk
  std::optional<std::uint64_t> worn_percent{};        ///< of the writing that the maker guarantees; may be over 100
  std::optional<std::uint64_t> temperature_celsius{};
  std::optional<std::uint64_t> power_on_hours{};
  std::string problem{};  ///< why nothing is known; empty: something is

  friend bool operator==(const DiskHealth&, const DiskHealth&) = default;
};

/// Reads what `smartctl --json --info --health --attributes` prints. Takes for missing what it does not
/// know, what has another type, and text that is no JSON.
[[nodiscard]] DiskHealth disk_health_from(const std::string& path, std::string_view smartctl);

/// Members that are not known are null.
[[nodiscard]] nlohmann::json to_json(const DiskHealth& health);

/// Codes: disk-failing, unreadable-sectors, disk-worn-out, reallocated-sectors.
[[nodiscard]] std::vector<Finding> findings_of_health(const std::vector<DiskHealth>& disks);

}  // namespace rescue::domain
