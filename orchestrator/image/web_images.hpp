// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rescue images from a web server, downloaded into a store on this host.

#include "orchestrator/image/image_download.hpp"
#include "orchestrator/image/local_images.hpp"

#include <mutex>

namespace rescue::image {

class WebImages final : public ports::ImageSource {
public:
  /// `settings.folder` becomes the store; `cache` is that of images::Store. Unless the rules name a file of counters,
  /// it is kept in the store.
  WebImages(DownloadSettings settings, std::string cache, http::ClientOptions options, Clock& clock,
            LocalImages::MemoryOfFiles memory_of_files = {});

  void select(const domain::ImageWish& wish) override;
  /// Asks the server; if it does not answer, uses an image that was downloaded before: it is signed.
  [[nodiscard]] domain::RescueImage inspect() override;
  [[nodiscard]] domain::RescueImage fetch(const Progress& progress, std::stop_token stop) override;
  [[nodiscard]] std::string keep_available() override { return {}; }
  void create_overlay(const domain::RescueImage& image, const std::string& path) override {
    local(chosen()).create_overlay(image, path);
  }
  void discard_overlay(const std::string& path) override { local(chosen()).discard_overlay(path); }

  /// The manifest that `inspect` or `fetch` has fetched. Throws as `images::Store::manifest`.
  [[nodiscard]] images::Manifest manifest() const { return store(chosen()).manifest(); }
  /// Folder of that image below the URL and below the store: "/windows-2022"; empty without a catalogue.
  [[nodiscard]] std::string subfolder() const { return chosen().subfolder; }
  /// Fetches and verifies the chunk digests of a file that has some, beside its manifest. Throws like `fetch`.
  void fetch_digests(const images::ImageFile& file, const std::stop_token& stop);
  /// Fetches and verifies the boot profile of the image. Returns its path; empty if there is none or it can't be had:
  /// it only makes a boot faster.
  [[nodiscard]] std::string fetch_boot_profile(const std::stop_token& stop);

private:
  struct Chosen {
    std::string subfolder;
    images::AcceptanceRules rules;
  };

  /// Chooses an image, and fetches its manifest.
  Chosen refresh(const std::stop_token& stop);
  /// Chooses from this catalogue; without one there is a single image.
  [[nodiscard]] Chosen choose(const std::optional<images::Catalogue>& catalogue) const;
  [[nodiscard]] std::optional<images::Catalogue> kept_catalogue() const;
  [[nodiscard]] Chosen chosen() const;
  [[nodiscard]] std::string folder(const Chosen& chosen) const { return settings_.folder + chosen.subfolder; }
  /// `limit`: of each file; none: that of the settings.
  [[nodiscard]] ImageDownload download(const Chosen& chosen, std::optional<Milliseconds> limit = {});
  [[nodiscard]] images::Store store(const Chosen& chosen) const;
  [[nodiscard]] LocalImages local(const Chosen& chosen) const;

  DownloadSettings settings_;
  std::string cache_;
  http::Client client_;
  Clock& clock_;
  LocalImages::MemoryOfFiles memory_of_files_;
  mutable std::mutex mutex_;  ///< checks run beside a session
  domain::ImageWish wish_;
  Chosen chosen_;
};

}  // namespace rescue::image
