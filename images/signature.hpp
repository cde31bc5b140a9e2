// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Verifies signatures of manifests and catalogues in the minisign format (https://jedisct1.github.io/minisign/).

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::images {

/// Id of a key as minisign prints it: 16 hex digits in upper case.
using KeyId = std::string;

/// Text of a .minisig file, parsed; not verified.
class Signature {
public:
  /// Throws `image_untrusted` that names `source`, the file that is signed.
  Signature(const std::string& source, std::string_view text);

  /// Id of the key that it claims to be made with.
  [[nodiscard]] KeyId key_id() const;

private:
  friend class PublicKey;
  std::vector<unsigned char> bytes_;   ///< algorithm, id, signature
  std::vector<unsigned char> global_;  ///< signature of signature and comment
  std::string comment_;
};

/// Public key of minisign: Ed25519 and the key's id.
class PublicKey {
public:
  /// Parses `text`: a minisign.pub file, or its second line alone. Throws `config_invalid` that names `source`.
  PublicKey(const std::string& source, std::string_view text);
  static PublicKey from_file(const std::string& path);

  [[nodiscard]] KeyId id() const;

  /// Verifies `message` against a signature, prehashed (ED) or legacy (Ed), and its trusted comment. Throws
  /// `image_untrusted` that names `source` and the check that failed.
  void verify(const std::string& source, std::string_view message, const Signature& signature) const;

  friend bool operator==(const PublicKey&, const PublicKey&) = default;

private:
  std::array<unsigned char, 8> id_{};
  std::array<unsigned char, 32> key_{};
};

}  // namespace rescue::images
