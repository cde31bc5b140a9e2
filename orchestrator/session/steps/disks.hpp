// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The server's disks, held so that only the guest uses them.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Holds the plan's disks. Removes a disk that can't be held or has died from the plan, with a warning: the rescue
/// continues with the others. Throws what `DiskClaims::claim` throws.
void hold_disks(Ports& ports, domain::SessionRecord& record);

}  // namespace rescue::session
