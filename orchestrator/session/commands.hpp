// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which command may run in which phase of a session: one table, and one message for each no.

#include "orchestrator/domain/session_record.hpp"

namespace rescue::session {

enum class Command {
  start,
  finish,
  rotate_credentials,
  care_for_guest,  ///< what a serving session does by itself: restart, resume, report a late announcement
};

/// Whether the command may run now.
[[nodiscard]] bool allowed(Command command, const domain::SessionRecord& record);

/// Throws the one error that says why the command can't run now, and what to do: `conflict`, and for a start after a
/// session that left something behind `rollback_incomplete`.
void require_allowed(Command command, const domain::SessionRecord& record);

/// Throws `precondition` when the guest's changes are to be discarded, and are on the server's disks already.
void require_possible(const domain::FinishOrder& order, const domain::SessionRecord& record);

}  // namespace rescue::session
