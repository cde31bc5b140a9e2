// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Records disks and firmware before the guest starts and after it has stopped, and reports the difference. Nothing here
// ends a session: what can't be recorded is a warning, or an unknown of the report.

#include "orchestrator/session/context.hpp"

#include <string>

namespace rescue::session {

/// Records them for `report_disks`, also of another process. To be called while the disks are held, and before the
/// guest starts.
void record_before(SessionContext& context);

/// Compares the disks with what was recorded; the record has the report afterwards. To be called while the disks are
/// held, and after the guest has stopped and its changes are settled. Does nothing if no guest has run. Idempotent.
/// Returns a line for people; empty if there is nothing to say.
[[nodiscard]] std::string report_disks(SessionContext& context);

/// Adds what differs in the firmware to the report, if there is one. Idempotent.
void report_firmware(SessionContext& context);

}  // namespace rescue::session
