// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// RDP without a password: detects the server, its way of login and its certificate.

#include "core/access/access.hpp"

namespace rescue::rdp {

/// Runs X.224 negotiation and TLS handshake. `proof` is none; readiness `banner` means that both succeeded. Blocks for
/// at most `limit`, wherever the server stalls.
[[nodiscard]] access::RdpResult shake_hands(const access::Connector& connect, const access::Target& target,
                                            Milliseconds limit);

}  // namespace rescue::rdp
