// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The report of a session: its outcome, and what it changed on the disks. As JSON and for people.

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace rescue::cli {

/// From the status of rescued: {"session", "server", "phase", "started", "ended", "guest" (how it was stopped),
/// "guest_ran", "failure", "not_undone", "warnings", "report"}.
[[nodiscard]] nlohmann::json session_report(const nlohmann::json& status);

/// Lines of `session_report`.
[[nodiscard]] std::string session_report_text(const nlohmann::json& report);

}  // namespace rescue::cli
