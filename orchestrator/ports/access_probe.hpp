// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port that proves access: it logs in like the customer, through the server's own address.

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "orchestrator/domain/access.hpp"

#include <string>

namespace rescue::ports {

using AccessTarget = access::Target;

class AccessProbe {
public:
  virtual ~AccessProbe() = default;
  /// Reads the banner, exchanges keys, logs in with the password and runs `whoami`. Blocks for at most `limit`, and a
  /// second more if the server made our program hang. A service that is not there yet, a wrong password and a broken
  /// server are results, not exceptions.
  [[nodiscard]] virtual domain::SshResult prove_ssh(const AccessTarget& target, const Secret& password,
                                                    Milliseconds limit) = 0;
  /// Like `prove_ssh`, with a private key (PEM of OpenSSH) in place of the password. A key that the server refuses is
  /// `Readiness::banner` with a host key and a problem.
  [[nodiscard]] virtual domain::SshResult prove_ssh_key(const AccessTarget& target, const Secret& key,
                                                        Milliseconds limit) = 0;
  /// Runs X.224 negotiation and TLS handshake, reads the certificate, and authenticates if the guest selects NLA. An
  /// NLA login that fails is `RdpProof::none` with a problem: where authentication is possible, a handshake proves
  /// nothing.
  [[nodiscard]] virtual domain::RdpResult prove_rdp(const AccessTarget& target, const Secret& password,
                                                    Milliseconds limit) = 0;
};

}  // namespace rescue::ports
