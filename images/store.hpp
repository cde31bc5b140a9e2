// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Store of images on this host; returns only verified images.

#include "images/acceptance.hpp"
#include "images/manifest.hpp"

#include <string>

namespace rescue::images {

struct StoreSettings {
  std::string path;        ///< manifest.json, catalogue.json, or a folder with one of them; signature: with .minisig
  std::string public_key;  ///< minisign's file, or a folder of such files (images/trusted_keys.hpp)
  std::string cache;       ///< file that records verified files, by device, inode, size and times; should not outlive a
                           ///< reboot (/run)
  AcceptanceRules rules{};
};

class Store {
public:
  /// `manifest`: path of manifest.json; else as in StoreSettings.
  Store(std::string manifest, std::string public_key, std::string cache, AcceptanceRules rules = {})
      : manifest_(std::move(manifest)), public_key_(std::move(public_key)), cache_(std::move(cache)),
        rules_(std::move(rules)) {}

  /// Opens the store of one image: of the manifest, or of the image that the catalogue has for `wish`. `rules.name` is
  /// wished if `wish` has no name. Throws as `manifest` and `choose`.
  static Store open(const StoreSettings& settings, Wish wish = {});

  /// Verifies the signature and the rules, and returns the manifest. Throws `image_untrusted`, `not_found`,
  /// `config_invalid`.
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
  AcceptanceRules rules_;
};

/// Wish with the name and the channel of the rules where it has none, and the channel "stable" where neither has one.
[[nodiscard]] Wish completed(Wish wish, const AcceptanceRules& rules);

/// SHA-256 of a file as 64 hex digits. Throws `io`.
[[nodiscard]] std::string sha256_of_file(const std::string& path);

}  // namespace rescue::images
