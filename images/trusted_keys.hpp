// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Keys that images may be signed with: one, or several while a new key replaces an old one, and those that are revoked.

#include "images/signature.hpp"

#include <map>
#include <set>

namespace rescue::images {

class TrustedKeys {
public:
  /// Most keys of a folder.
  static constexpr std::size_t most_keys = 64;

  /// Reads a public key of minisign, or a folder: its files *.pub are the trusted keys, and its file `revoked`, if
  /// there is one, has the ids of revoked keys: one a line, `#` begins a comment. Throws `config_invalid` that names
  /// the file and line, and if the folder has no key; `not_found`, `io`.
  static TrustedKeys read(const std::string& path);

  /// Verifies `message` against the text of a .minisig file with the key that the signature names. Returns its id.
  /// Throws `image_untrusted` that names `source`, and the key's id if it is unknown or revoked.
  KeyId verify(const std::string& source, std::string_view message, std::string_view signature) const;

  [[nodiscard]] const std::map<KeyId, PublicKey>& keys() const noexcept { return keys_; }

private:
  void add(const std::string& path);
  void read_revoked(const std::string& path);

  std::string path_;
  std::map<KeyId, PublicKey> keys_;
  std::set<KeyId> revoked_;
};

}  // namespace rescue::images
