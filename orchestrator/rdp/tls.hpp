// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A TLS handshake for the sake of the certificate: the customer compares its fingerprint with what RDP shows.

#include "orchestrator/rdp/wire.hpp"

#include <string>

namespace rescue::rdp {

struct TlsOutcome {
  std::string fingerprint;  ///< SHA-256 of the certificate's DER, "ab:cd:..."; empty when there is a problem
  std::string problem;
};

/// TLS 1.0 and later, any certificate, any key size: old servers are what is rescued, and trust comes from comparing
/// fingerprints. Nothing secret is ever sent over this connection. Blocks until the wire's deadline at most.
[[nodiscard]] TlsOutcome tls_handshake(Wire& wire);

}  // namespace rescue::rdp
