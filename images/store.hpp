// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The images on this host: nothing comes out of here that was not verified.

#include "images/manifest.hpp"

#include <string>

namespace rescue::images {

class Store {
public:
  /// `manifest`: path of manifest.json; its signature is beside it with .minisig added. `public_key`: minisign's file.
  /// `cache`: where it is remembered which files were verified, as device, inode, size and times; it should not
  /// outlive a reboot (/run).
  Store(std::string manifest, std::string public_key, std::string cache)
      : manifest_(std::move(manifest)), public_key_(std::move(public_key)), cache_(std::move(cache)) {}

  /// The manifest, after its signature was verified. Throws `image_untrusted`, `not_found`, `config_invalid`.
  [[nodiscard]] Manifest manifest() const;

  /// Path of a file of the manifest, after its size and SHA-256 were verified. Reads the whole file (about 1 s for
  /// each GiB) unless this very file was verified before. Throws `image_untrusted` that names the file.
  [[nodiscard]] std::string verified(const ImageFile& file) const;

  /// Where a file of the manifest lies, verified or not.
  [[nodiscard]] std::string path_of(const ImageFile& file) const;

private:
  std::string manifest_;
  std::string public_key_;
  std::string cache_;
};

/// SHA-256 of a file as 64 hex digits. Throws `io`.
[[nodiscard]] std::string sha256_of_file(const std::string& path);

}  // namespace rescue::images
