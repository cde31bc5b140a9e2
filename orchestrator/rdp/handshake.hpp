// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RDP as far as it goes without a password: who listens there, how one logs in, and by which certificate it is known.

#include "orchestrator/ports/access_probe.hpp"
#include "orchestrator/ports/connector.hpp"

namespace rescue::rdp {

/// X.224 negotiation and TLS handshake. `proof` is none; readiness `banner` says that both went through. Blocks for
/// `limit` at most, wherever the server stalls.
[[nodiscard]] domain::RdpResult shake_hands(const ports::Connector& connect, const ports::AccessTarget& target,
                                            Milliseconds limit);

}  // namespace rescue::rdp
