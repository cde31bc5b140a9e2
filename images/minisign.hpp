// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Signs manifests and catalogues by the program minisign.

#include "core/secret.hpp"

#include <optional>
#include <string>

namespace rescue::images {

struct SigningKey {
  std::string file;                  ///< minisign's secret key
  std::optional<Secret> password{};  ///< none: the key has none (minisign -G -W)
};

/// True if the key needs a password ("minisign -G" without -W). Throws `precondition` if it is no key of minisign,
/// `denied` if others may read it, `io`.
[[nodiscard]] bool needs_password(const std::string& key_file);

/// Signs the file, and puts the signature beside it with .minisig added, by a rename. `comment` is signed, too: one
/// line. Blocks for 60 s at most. Throws `precondition` if minisign is not installed or can't use the key.
void sign_file(const std::string& path, const SigningKey& key, const std::string& comment);

/// Writes a file and its signature. Each is replaced by a rename, the file first: a reader in between sees a signature
/// that does not match, and reads again later. Throws as `sign_file`; the old pair stays then.
void write_signed(const std::string& path, const std::string& text, const SigningKey& key, const std::string& comment);

}  // namespace rescue::images
