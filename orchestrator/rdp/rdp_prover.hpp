// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proves RDP as far as it can be proven without opening a desktop.

#include "orchestrator/ports/access_probe.hpp"
#include "orchestrator/ports/connector.hpp"

#include <string>
#include <vector>

namespace rescue::rdp {

/// How the program that logs in by NLA is started: it makes its own connection, so it has to start where the connector
/// connects from.
struct NlaLogin {
  std::string program;                   ///< rescue-rdp-login
  std::vector<std::string> argv_prefix;  ///< {"nsenter", "--net=/run/netns/rescue-prb"}; may be empty
};

class RdpProver {
public:
  RdpProver(ports::Connector connect, NlaLogin login) : connect_(std::move(connect)), login_(std::move(login)) {}

  /// As ports::AccessProbe::prove_rdp: X.224 and TLS by us; where the server selects NLA, an authentication-only login
  /// by rescue-rdp-login, pinned to the certificate that was just seen, the password on its stdin. Blocks for `limit`
  /// at most. Throws `subprocess` when rescue-rdp-login can't be started: that is our installation, not the guest.
  [[nodiscard]] domain::RdpResult prove(const ports::AccessTarget& target, const Secret& password, Milliseconds limit);

private:
  void log_in(const ports::AccessTarget& target, const Secret& password, Milliseconds limit, domain::RdpResult& result);

  ports::Connector connect_;
  NlaLogin login_;
};

}  // namespace rescue::rdp
