// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Conditions for a session, checked before it changes anything; `rescuectl doctor` shows the same checks.

#include "orchestrator/session/context.hpp"

#include <string>
#include <vector>

namespace rescue::session {

enum class Verdict { ok, warning, failed };
constexpr auto words_of(Verdict) { return words<Verdict>("ok", "warning", "failed"); }
using rescue::name_of;

struct Check {
  std::string name;
  Verdict verdict = Verdict::ok;
  std::string detail;
  std::string remedy;  ///< the next action; empty without a problem
  ErrorCode code = ErrorCode::precondition;
};

/// Runs all checks, even after a failed one. Changes nothing. Takes a second at most, and up to 5 s more when the
/// control plane does not answer. `record`: the current session; its takeover has the NIC as long as it lasts.
[[nodiscard]] std::vector<Check> run_checks(Ports& ports, const domain::SessionSettings& settings,
                                            const domain::SessionRecord& record, const std::stop_token& stop);

/// Throws one error that names every failed check, with the code and hint of the first.
void require_passed(const std::vector<Check>& checks);

/// Checks that the control plane answers. Retries within `limit`: a switch may still be finding this host's port, or
/// the service may be restarting. Throws the last attempt's error.
void require_control_plane(Ports& ports, Milliseconds limit, const std::stop_token& stop);

}  // namespace rescue::session
