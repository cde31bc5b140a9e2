// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rescue images from a web server, downloaded into a store on this host.

#include "orchestrator/image/image_download.hpp"
#include "orchestrator/image/local_images.hpp"

namespace rescue::image {

class WebImages final : public ports::ImageSource {
public:
  /// `settings.folder` becomes the store; `cache` is that of images::Store.
  WebImages(const DownloadSettings& settings, const std::string& cache, http::ClientOptions options, Clock& clock,
            LocalImages::MemoryOfFiles memory_of_files = {});

  /// Asks the server; if it does not answer, uses an image that was downloaded before: it is signed.
  [[nodiscard]] domain::RescueImage inspect() override;
  [[nodiscard]] domain::RescueImage fetch(const Progress& progress, std::stop_token stop) override;
  [[nodiscard]] std::string keep_available() override { return local_.keep_available(); }
  void create_overlay(const domain::RescueImage& image, const std::string& path) override {
    local_.create_overlay(image, path);
  }
  void discard_overlay(const std::string& path) override { local_.discard_overlay(path); }

  /// The manifest that `inspect` or `fetch` has fetched. Throws as `images::Store::manifest`.
  [[nodiscard]] images::Manifest manifest() const { return store_.manifest(); }
  /// Fetches and verifies the chunk digests of a file that has some, beside its manifest. Throws like `fetch`.
  void fetch_digests(const images::ImageFile& file, const std::stop_token& stop);

private:
  void refresh_manifest(const std::stop_token& stop);

  std::string url_;
  http::Client client_;
  ImageDownload download_;
  images::Store store_;
  LocalImages local_;
};

}  // namespace rescue::image
