// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proves an SSH login like the customer's: over the network, with the password that will be announced.

#include "core/access/access.hpp"
#include "core/secret.hpp"

namespace rescue::ssh {

class SshProver {
public:
  explicit SshProver(access::Connector connect) : connect_(std::move(connect)) {}

  /// Like the port AccessProbe. Blocks for at most `limit`, wherever the server stalls. Offers the password
  /// once: a second attempt by another method would count towards a lock-out of the account. Reads no configuration
  /// and no known hosts of its user. Texts of the server are made printable, at most 500 bytes.
  [[nodiscard]] access::SshResult prove(const access::Target& target, const Secret& password, Milliseconds limit);

  /// Like `prove`, with a private key (PEM of OpenSSH, not encrypted) in place of the password.
  [[nodiscard]] access::SshResult prove_key(const access::Target& target, const Secret& key, Milliseconds limit);

private:
  enum class Means { password, key };
  [[nodiscard]] access::SshResult log_in(const access::Target& target, Means means, const Secret& secret,
                                         Milliseconds limit);

  access::Connector connect_;
};

}  // namespace rescue::ssh
