// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What must hold before a session changes anything; `rescuectl doctor` shows the same checks.

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
  std::string remedy;  ///< what to do; empty when all is well
  ErrorCode code = ErrorCode::precondition;
};

/// All checks, also when an early one fails. Changes nothing. Takes a second at most, and up to 5 s more when the
/// control plane does not answer.
/// `record`: the session that there is, whose takeover has the NIC as long as it lasts.
[[nodiscard]] std::vector<Check> run_checks(Ports& ports, const domain::SessionSettings& settings,
                                            const domain::SessionRecord& record, const std::stop_token& stop);

/// Throws one error that names every failed check, with the code and remedy of the first.
void require_passed(const std::vector<Check>& checks);

/// Whether the control plane answers: an attempt that fails is repeated within `limit`, for a switch that is just being
/// learnt of, or a service that is being restarted, answers a moment later. Throws the last attempt's error.
void require_control_plane(Ports& ports, Milliseconds limit, const std::stop_token& stop);

}  // namespace rescue::session
