// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proves credentials before they are delivered: by logins over the customer's network path.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Whether the output of whoami names the user: Windows prints "host\administrator", others the bare name.
[[nodiscard]] bool is_user(const std::string& whoami, const std::string& user);

/// Tries SSH and RDP until both are proven; blocks for Deadlines::access at most. Throws `access_unproven` with the
/// problem of the last attempt, `cancelled` on stop.
[[nodiscard]] domain::ConnectionData prove_access(SessionContext& context, const Secret& password);

}  // namespace rescue::session
