// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON of disk snapshots: the answer of the program that reads a disk, and the file that keeps them during a session.

#include "orchestrator/domain/disk_snapshot.hpp"
#include "orchestrator/domain/session_report.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace rescue::domain {

/// Longest answer of the program, in bytes.
inline constexpr std::size_t largest_snapshot = 3U << 20U;

[[nodiscard]] nlohmann::json to_json(const DiskSnapshot& snapshot);
[[nodiscard]] nlohmann::json to_json(const ServerSnapshot& snapshot);
/// Form of the control API, of the journal, and of heartbeats (docs/control-api.md).
[[nodiscard]] nlohmann::json to_json(const SessionReport& report);

/// Inverse of `to_json`, for text of a program that has read a hostile disk: texts are made printable, lists are
/// bounded. Throws `subprocess` for anything that `to_json` does not write.
[[nodiscard]] DiskSnapshot disk_snapshot_from(std::string_view text);

/// Inverse of `to_json`, for our own file. Throws `io` for anything else.
[[nodiscard]] ServerSnapshot server_snapshot_from(std::string_view text);

/// Inverse of `to_json`, for our own journal. Throws std::exception for anything else.
[[nodiscard]] SessionReport session_report_from(const nlohmann::json& json);

}  // namespace rescue::domain
