// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The role that proves access: it goes in as the customer will, through the server's own address.

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "orchestrator/domain/access.hpp"

#include <string>

namespace rescue::ports {

/// Where and as whom to log in.
struct AccessTarget {
  std::string address;
  std::string user;
  unsigned ssh_port = 22;
  unsigned rdp_port = 3389;
};

class AccessProbe {
public:
  virtual ~AccessProbe() = default;
  /// Banner, key exchange, password login, `whoami`. Blocks for `limit` at most, whatever the server does, and a second
  /// more where it has made our own means hang. A service that is not there yet, a wrong password and a broken server
  /// are results, not exceptions.
  [[nodiscard]] virtual domain::SshResult prove_ssh(const AccessTarget& target, const Secret& password,
                                                    Milliseconds limit) = 0;
  /// X.224 negotiation, TLS handshake, certificate; and authentication where the guest selects NLA. An NLA login that
  /// fails is `RdpProof::none` with a problem: a handshake alone proves nothing where authentication could be had.
  [[nodiscard]] virtual domain::RdpResult prove_rdp(const AccessTarget& target, const Secret& password,
                                                    Milliseconds limit) = 0;
};

}  // namespace rescue::ports
