// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proves an SSH login like the customer's: over the network, with the password that will be announced.

#include "orchestrator/ports/access_probe.hpp"
#include "orchestrator/ports/connector.hpp"

namespace rescue::ssh {

class SshProver {
public:
  explicit SshProver(ports::Connector connect) : connect_(std::move(connect)) {}

  /// Like ports::AccessProbe::prove_ssh. Blocks for at most `limit`, wherever the server stalls. Offers the password
  /// once: a second attempt by another method would count towards a lock-out of the account. Reads no configuration
  /// and no known hosts of its user. Texts of the server are made printable, at most 500 bytes.
  [[nodiscard]] domain::SshResult prove(const ports::AccessTarget& target, const Secret& password, Milliseconds limit);

private:
  [[nodiscard]] domain::SshResult log_in(const ports::AccessTarget& target, const Secret& password, Milliseconds limit);

  ports::Connector connect_;
};

}  // namespace rescue::ssh
