// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Store of images on this host; returns only verified images.

#include "images/manifest.hpp"

#include <string>

namespace rescue::images {

class Store {
public:
  /// `manifest`: path of manifest.json; its signature is beside it with .minisig added. `public_key`: minisign's file.
  /// `cache`: file that records which files were verified, by device, inode, size and times; it should not outlive a
  /// reboot (/run).
  Store(std::string manifest, std::string public_key, std::string cache)
      : manifest_(std::move(manifest)), public_key_(std::move(public_key)), cache_(std::move(cache)) {}

  /// Verifies the signature and returns the manifest. Throws `image_untrusted`, `not_found`, `config_invalid`.
  [[nodiscard]] Manifest manifest() const;

  /// Verifies size and SHA-256 of a file of the manifest and returns its path. Reads the whole file (about 1 s per GiB)
  /// unless it was verified before and has not changed. Throws `image_untrusted` that names the file.
  [[nodiscard]] std::string verified(const ImageFile& file) const;

  /// Path of a file of the manifest, verified or not.
  [[nodiscard]] std::string path_of(const ImageFile& file) const;

private:
  std::string manifest_;
  std::string public_key_;
  std::string cache_;
};

/// SHA-256 of a file as 64 hex digits. Throws `io`.
[[nodiscard]] std::string sha256_of_file(const std::string& path);

}  // namespace rescue::images
