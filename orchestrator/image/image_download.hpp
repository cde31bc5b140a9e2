// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Brings an image from a web server into a folder of this host: what is not signed is not even asked for.

#include "core/clock.hpp"
#include "core/http/client.hpp"
#include "images/manifest.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace rescue::image {

struct DownloadSettings {
  std::string url;     ///< the folder of manifest.json, manifest.json.minisig and the files; without a slash at its end
  std::string folder;  ///< of this host
  std::string public_key;         ///< path of minisign's file
  Milliseconds limit{1'800'000};  ///< for a file, all attempts
};

using Progress = std::function<void(const std::string&)>;

class ImageDownload {
public:
  /// `client`: of the server; its time limit is how long a download may stand still.
  ImageDownload(DownloadSettings settings, http::Client& client, Clock& clock);

  /// Manifest and signature, verified, are in the folder afterwards. Those of before stay when they can't be had or are
  /// not genuine. One attempt. Throws `unavailable`, `timeout`, `not_found`, `image_untrusted`.
  void fetch_manifest(const std::stop_token& stop);
  /// The file is in the folder afterwards, its size right; its digest is the store's to check. What was downloaded in
  /// part is gone on with. Attempts are repeated until the limit. Throws `unavailable`, `timeout`, `not_found`, `io`,
  /// `cancelled`.
  void fetch_file(const images::ImageFile& file, const Progress& progress, const std::stop_token& stop);
  /// A file whose digest is wrong is downloaded anew by the next `fetch_file`.
  void discard(const images::ImageFile& file) const;

private:
  [[nodiscard]] std::string path_of(const std::string& name) const { return settings_.folder + "/" + name; }
  /// One attempt to bring the partial file to its size.
  void go_on_with(const images::ImageFile& file, const Progress& progress, const std::stop_token& stop);

  DownloadSettings settings_;
  std::string base_path_;  ///< of the URL
  http::Client& client_;
  Clock& clock_;
};

/// "http://198.51.100.1:8080" and "/images/standin" of a URL; the second without a slash at its end.
[[nodiscard]] std::pair<std::string, std::string> split_url(const std::string& url);

}  // namespace rescue::image
