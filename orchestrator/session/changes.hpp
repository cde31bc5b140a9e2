// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Changes by the guest to the server's disks in disk mode `overlay`: kept apart during the session, and written to the
// disks or dropped at its end. In the other modes these functions do nothing.

#include "orchestrator/session/context.hpp"

#include <string>

namespace rescue::session {

/// Whether somebody may have worked in a guest whose changes are kept apart: if its session fails, a person decides
/// what becomes of them.
[[nodiscard]] bool may_have_changes(const domain::SessionRecord& record);

/// After a restart of the host: finds the disks under an overlay by serial number, WWN and size, since their names and
/// numbers may be others now. One that is not found, or found twice, stays as it was recorded. Throws what the survey
/// throws.
void find_disks_again(Ports& ports, const domain::DiskRules& rules, domain::SessionRecord& record);

/// Whether a disk has a part of the guest's changes: nobody is to start from it.
[[nodiscard]] bool is_half_written(const domain::SessionRecord& record);

/// Makes an empty overlay over each disk of the plan, in a memory file system of its own if the plan says so. Throws
/// what the ports throw.
void make_overlays(SessionContext& context);

/// Keeps or drops the changes, as the session's order says; drops those of a session in which nobody had access.
/// Returns what became of them, for people; empty if there is nothing to say. Idempotent: after an interruption it goes
/// on. Throws `disk` if a disk can't be written: its overlay is complete then, and this must be repeated;
/// `precondition` if the session has failed and nobody has decided (SessionRecord::changes_undecided).
[[nodiscard]] std::string settle_changes(SessionContext& context);

}  // namespace rescue::session
