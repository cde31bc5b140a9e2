// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// No credentials are handed to anyone before a login with them has succeeded, on the way that the customer takes.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Tries SSH and RDP until both are proven; blocks for Deadlines::access at most. Throws `access_unproven` with what
/// the last attempt met, `cancelled` on stop.
[[nodiscard]] domain::ConnectionData prove_access(SessionContext& context, const Secret& password);

}  // namespace rescue::session
