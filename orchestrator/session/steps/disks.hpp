// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The server's disks, held so that nobody but the guest uses them.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Holds the plan's disks. One that can't be held or has died since is taken out of the plan, and named in a warning:
/// the rescue goes on with the others. Throws as `DiskClaims::claim`.
void hold_disks(Ports& ports, domain::SessionRecord& record);

}  // namespace rescue::session
