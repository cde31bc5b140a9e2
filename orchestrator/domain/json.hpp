// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON of domain values: one form for journal, status and control plane.

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
[[nodiscard]] nlohmann::json to_json(const SessionRecord& record);

/// Members that are missing or null are empty. Throws nlohmann's exceptions for one that is no text.
[[nodiscard]] SessionRequest request_from_json(const nlohmann::json& json);

/// The inverse, for the journal. Throws nlohmann's exceptions: what wrote it was this very program.
[[nodiscard]] SessionRecord record_from_json(const nlohmann::json& json);

}  // namespace rescue::domain
