// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Verifies signatures of manifests in the minisign format (https://jedisct1.github.io/minisign/).

#include <array>
#include <string>
#include <string_view>

namespace rescue::images {

/// Public key of minisign: Ed25519 and the key's id.
class PublicKey {
public:
  /// Parses `text`: a minisign.pub file, or its second line alone. Throws `config_invalid` that names `source`.
  PublicKey(const std::string& source, std::string_view text);
  static PublicKey from_file(const std::string& path);

  /// Verifies `message` against the text of a .minisig file, prehashed (ED) or legacy (Ed), and its trusted comment.
  /// Throws `image_untrusted` that names `source` and says which check failed.
  void verify(const std::string& source, std::string_view message, std::string_view signature) const;

private:
  std::array<unsigned char, 8> id_{};
  std::array<unsigned char, 32> key_{};
};

}  // namespace rescue::images
