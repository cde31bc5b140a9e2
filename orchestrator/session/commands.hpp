// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Table of the commands allowed in each phase of a session, with an error for each refusal.

#include "orchestrator/domain/session_record.hpp"

namespace rescue::session {

enum class Command {
  start,
  finish,
  rotate_credentials,
  care_for_guest,  ///< actions of a serving session itself: restart, resume, report a late announcement
};

/// Whether the command may run now.
[[nodiscard]] bool allowed(Command command, const domain::SessionRecord& record);

/// Throws the error of a command that can't run now, with a hint: `conflict`, or `rollback_incomplete` for a start
/// after a session that left something behind.
void require_allowed(Command command, const domain::SessionRecord& record);

/// Throws `precondition` for an order to discard changes that are already on the server's disks.
void require_possible(const domain::FinishOrder& order, const domain::SessionRecord& record);

}  // namespace rescue::session
