// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest's Administrator credentials: set, proven, delivered. Used by provisioning and rotation.

#include "orchestrator/session/context.hpp"

namespace rescue::session {

/// Sets a new password in the guest. Blocks for Deadlines::provisioning at most. Throws what the guest agent throws.
[[nodiscard]] Secret set_new_password(SessionContext& context);

/// Delivers the credentials to all recipients and returns their names. Adds a warning for a failure. Blocks for
/// Deadlines::announcement at most.
[[nodiscard]] std::string deliver(SessionContext& context, const Secret& password);

/// Sets new credentials in the running guest, and proves them before it returns. When the proof fails, throws its
/// error's code and records that no working password is known. `caller` gets what it returns, for people; empty:
/// nobody. `save` saves the record in between.
[[nodiscard]] Secret rotate(SessionContext& context, const std::string& caller, const std::function<void()>& save);

/// Reason why not all recipients have the last credentials; none if they have.
[[nodiscard]] std::optional<domain::Failure> failure_of_delivery(const domain::SessionRecord& record);

}  // namespace rescue::session
