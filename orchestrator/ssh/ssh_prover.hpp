// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proves an SSH login as the customer will do it: over the wire, with the password that is to be announced.

#include "orchestrator/ports/access_probe.hpp"
#include "orchestrator/ports/connector.hpp"

namespace rescue::ssh {

class SshProver {
public:
  explicit SshProver(ports::Connector connect) : connect_(std::move(connect)) {}

  /// As ports::AccessProbe::prove_ssh. Blocks for `limit` at most, wherever the server stalls. Offers the password
  /// once: a second attempt by another method would count towards a lock-out of the account. Reads no configuration
  /// and no known hosts of the user that it runs as. What the server says is made printable, 500 bytes at most.
  [[nodiscard]] domain::SshResult prove(const ports::AccessTarget& target, const Secret& password, Milliseconds limit);

private:
  [[nodiscard]] domain::SshResult log_in(const ports::AccessTarget& target, const Secret& password, Milliseconds limit);

  ports::Connector connect_;
};

}  // namespace rescue::ssh
