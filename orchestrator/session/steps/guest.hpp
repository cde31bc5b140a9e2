// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rescue VM while it serves.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Starts the guest of a serving session again, with the customer's password: its throw-away disk is kept. Throws what
/// the ports throw.
void restart_guest(SessionContext& context);

}  // namespace rescue::session
