// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Makes the one-time link of a session: draws its name, key and code, and seals what the customer's page shows.

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "orchestrator/ports/agent_channel.hpp"
#include "orchestrator/ports/announcer.hpp"

namespace rescue::control {

/// JSON text for the page behind the link: docs/host-agent.md. Leaves out what the guest's services have sent in a
/// malformed form, since the password must reach the customer all the same.
[[nodiscard]] Secret text_for_customer(const domain::ConnectionData& connection, const Secret& password,
                                       const ports::Recipients& recipients, WallTime now);

/// Draws a new link and seals `text`. Takes 0.4 s and 64 MiB with a code. Throws `usage` for a public key that is
/// malformed, `precondition` for an unknown code policy or one that needs a public key without any.
[[nodiscard]] ports::OneTimeLink make_link(const Secret& text, const ports::Recipients& recipients);

}  // namespace rescue::control
