// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SSH keys of users: a customer's public key as a line of authorized_keys, and a key pair for one proof.

#include "core/secret.hpp"

#include <string>

namespace rescue::credentials {

/// Returns a public key as sshd reads it: type, key in base64 with the same type, optional comment. Throws `usage`: for
/// options before the key, too.
[[nodiscard]] std::string canonical_ssh_key(const std::string& text);

/// Ed25519 key pair. The private key exists in this process only.
struct SshKeyPair {
  std::string public_key;  ///< line of authorized_keys without a line end: type, key, comment
  Secret private_key;      ///< PEM of OpenSSH ("openssh-key-v1" of its PROTOCOL.key), not encrypted
};
[[nodiscard]] SshKeyPair make_ssh_key_pair(const std::string& comment);

}  // namespace rescue::credentials
