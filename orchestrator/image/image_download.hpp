// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Downloads an image from a web server into a folder of this host; requests only files of a signed manifest.

#include "core/clock.hpp"
#include "core/http/client.hpp"
#include "images/acceptance.hpp"
#include "images/manifest.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace rescue::image {

struct DownloadSettings {
  std::string url;     ///< folder of catalogue.json, or of manifest.json and the files of one image; with signatures
  std::string folder;  ///< folder on this host
  std::string public_key;           ///< path of minisign's file, or of a folder of such files
  Milliseconds limit{1'800'000};    ///< per file, for all attempts
  images::AcceptanceRules rules{};  ///< by which manifests and catalogues are accepted
};

using Progress = std::function<void(const std::string&)>;

class ImageDownload {
public:
  /// `client`: to the server; its time limit bounds a standstill of a download.
  ImageDownload(DownloadSettings settings, http::Client& client, Clock& clock);

  /// Fetches, verifies and keeps the catalogue of the folder; none if the server has none, and then none is kept. One
  /// attempt. Throws as `fetch_manifest`; `image_untrusted` too if the server has none, but this host has accepted one
  /// before: the kept one stays.
  [[nodiscard]] std::optional<images::Catalogue> fetch_catalogue(const std::stop_token& stop);
  /// Fetches and verifies manifest and signature into the folder. Keeps the old ones if these are unavailable or not
  /// genuine. One attempt. Throws `unavailable`, `timeout`, `not_found`, `image_untrusted`.
  void fetch_manifest(const std::stop_token& stop);
  /// Fetches a file of the right size into the folder; the store verifies its digest. Resumes a partial download, and
  /// retries until the limit. Throws `unavailable`, `timeout`, `not_found`, `io`, `cancelled`.
  void fetch_file(const images::ImageFile& file, const Progress& progress, const std::stop_token& stop);
  /// Fetches the chunk digests of a file, which must have some, unless they are there. One attempt. Throws
  /// `image_untrusted` if they are not those of the manifest or of another size of the file, `unavailable`, `timeout`.
  void fetch_digests(const images::ImageFile& file, const std::stop_token& stop);
  /// True if the folder has the file, or a part of it: perhaps of another version.
  [[nodiscard]] bool has_begun(const images::ImageFile& file) const;
  /// Removes a file with a wrong digest, so that the next `fetch_file` downloads it again.
  void discard(const images::ImageFile& file) const;

private:
  [[nodiscard]] std::string path_of(const std::string& name) const { return settings_.folder + "/" + name; }
  /// Text of the signature of a file. Throws `image_untrusted` if the server has none.
  [[nodiscard]] std::string signature_of(const std::string& name, const std::stop_token& stop);
  /// Fetches a file and its signature; `accept` throws if they are refused. Keeps them in the folder.
  void fetch_signed(const std::string& name,
                    const std::function<void(const std::string& text, const std::string& signature)>& accept,
                    const std::stop_token& stop);
  /// Tries once to complete the partial file.
  void go_on_with(const images::ImageFile& file, const Progress& progress, const std::stop_token& stop);

  DownloadSettings settings_;
  std::string base_path_;  ///< path of the URL
  http::Client& client_;
  Clock& clock_;
};

/// Splits a URL into "http://198.51.100.1:8080" and "/images/standin", without a slash at its end.
[[nodiscard]] std::pair<std::string, std::string> split_url(const std::string& url);

}  // namespace rescue::image
