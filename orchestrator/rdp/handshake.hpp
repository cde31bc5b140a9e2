// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RDP without a password: detects the server, its way of login and its certificate.

#include "orchestrator/ports/access_probe.hpp"
#include "orchestrator/ports/connector.hpp"

namespace rescue::rdp {

/// Runs X.224 negotiation and TLS handshake. `proof` is none; readiness `banner` means that both succeeded. Blocks for
/// at most `limit`, wherever the server stalls.
[[nodiscard]] domain::RdpResult shake_hands(const ports::Connector& connect, const ports::AccessTarget& target,
                                            Milliseconds limit);

}  // namespace rescue::rdp
