// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON of domain values, for the journal, the control API and the hand-over.

#include "orchestrator/domain/session_record.hpp"

#include <nlohmann/json.hpp>

namespace rescue::domain {

[[nodiscard]] nlohmann::json to_json(const Disk& disk);
[[nodiscard]] nlohmann::json to_json(const ExcludedDisk& disk);
[[nodiscard]] nlohmann::json to_json(const DiskSurvey& survey);
[[nodiscard]] nlohmann::json to_json(const ConnectionData& connection);
[[nodiscard]] nlohmann::json to_json(const Failure& failure);
[[nodiscard]] nlohmann::json to_json(const RescuePlan& plan);
[[nodiscard]] nlohmann::json to_json(const SessionRequest& request);
[[nodiscard]] nlohmann::json to_json(const GuestWishes& wishes);
[[nodiscard]] nlohmann::json to_json(const LeaseEnd& lease);
[[nodiscard]] nlohmann::json to_json(const BootSnapshot& snapshot);
[[nodiscard]] nlohmann::json to_json(const StepRecord& step);
[[nodiscard]] nlohmann::json to_json(const Announcement& announcement);
/// {"at": RFC 3339, "ms": since 1970}.
[[nodiscard]] nlohmann::json to_json(WallTime time);
/// null without a time.
[[nodiscard]] nlohmann::json to_json(const std::optional<WallTime>& time);

/// Missing or null members are empty. Throws nlohmann's exceptions for a member that is not text.
[[nodiscard]] SessionRequest request_from_json(const nlohmann::json& json);

/// All members of a record but its warnings: the journal and the control API have different forms of those.
[[nodiscard]] nlohmann::json members_of(const SessionRecord& record);

}  // namespace rescue::domain
