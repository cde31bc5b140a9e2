// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The public key of an SSH server: what a client stores, and what a person compares.

#include <optional>
#include <string>

namespace rescue::credentials {

struct HostKey {
  std::string type;         ///< "ssh-ed25519"
  std::string blob;         ///< base64 of the public key (RFC 4253, 6.6); may be empty: then only a person can check it
  std::string fingerprint;  ///< "SHA256:..." as OpenSSH prints it; may be empty if there is a blob
};

/// Fault of a key, for people; none if its parts are well-formed and belong together: the type is a name of an
/// algorithm, the blob is a key of this type with this fingerprint, or the fingerprint is well-formed.
[[nodiscard]] std::optional<std::string> fault_of(const HostKey& key);

/// The fingerprint, computed from the blob if there is one. The key must have no fault.
[[nodiscard]] std::string fingerprint_of(const HostKey& key);

}  // namespace rescue::credentials
