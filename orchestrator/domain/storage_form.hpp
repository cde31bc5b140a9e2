// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON of what lies between a disk and its file systems: encryption, dynamic disks, arrays.

#include "orchestrator/domain/inspection.hpp"

#include <nlohmann/json_fwd.hpp>

namespace rescue::domain {

/// Null without one.
[[nodiscard]] nlohmann::json bitlocker_json(const std::optional<BitLockerVolume>& volume);
/// Inverse of `bitlocker_json`; throws as `disk_facts_from`, or nlohmann's exceptions.
[[nodiscard]] std::optional<BitLockerVolume> bitlocker_in(const nlohmann::json& json);

/// Null without one.
[[nodiscard]] nlohmann::json dynamic_json(const std::optional<DynamicDisk>& disk);
/// Inverse of `dynamic_json`; throws as `disk_facts_from`, or nlohmann's exceptions.
[[nodiscard]] std::optional<DynamicDisk> dynamic_in(const nlohmann::json& json);

/// Null without one.
[[nodiscard]] nlohmann::json raid_json(const std::optional<FirmwareRaid>& raid);
/// Inverse of `raid_json`; throws as `disk_facts_from`, or nlohmann's exceptions.
[[nodiscard]] std::optional<FirmwareRaid> raid_in(const nlohmann::json& json);

}  // namespace rescue::domain
