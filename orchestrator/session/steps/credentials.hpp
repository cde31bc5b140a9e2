// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest's Administrator credentials: set, proven, delivered. Provisioning and rotation use the same parts.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Sets a new password in the guest. Blocks for Deadlines::provisioning at most. Throws as the guest agent does.
[[nodiscard]] Secret set_new_password(SessionContext& context);

/// Delivers the credentials to everybody who is to have them, and returns to whom. A failure is in the record's
/// warnings. Blocks for Deadlines::announcement at most.
[[nodiscard]] std::string deliver(SessionContext& context, const Secret& password);

/// New credentials in the running guest, proven before they are returned. When the proof fails, its error's code is
/// thrown, and the record says that nobody knows a password that works. `save` writes the record down in between.
[[nodiscard]] Secret rotate(SessionContext& context, const std::function<void()>& save);

}  // namespace rescue::session
