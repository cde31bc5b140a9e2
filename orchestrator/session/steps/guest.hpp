// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rescue VM while it serves.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Starts the guest of a serving session again, with the password that the customer has: its throw-away disk is kept.
/// Throws as the ports do.
void restart_guest(SessionContext& context);

}  // namespace rescue::session
