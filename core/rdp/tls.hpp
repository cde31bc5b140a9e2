// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TLS handshake to get the certificate: the customer compares its fingerprint with what RDP shows.

#include "core/rdp/wire.hpp"

#include <string>

namespace rescue::rdp {

struct TlsOutcome {
  std::string fingerprint;  ///< SHA-256 of the certificate's DER, "ab:cd:..."; empty if there is a problem
  std::string problem;
};

/// Accepts TLS 1.0 and later, any certificate, any key size: rescued servers may be old, and trust comes from comparing
/// fingerprints. No secret is ever sent over this connection. Blocks at most until the wire's deadline.
[[nodiscard]] TlsOutcome tls_handshake(Wire& wire);

}  // namespace rescue::rdp
