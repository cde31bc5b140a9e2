// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rescue images that the guest reads while they are fetched; those without chunk digests are downloaded as before.

#include "orchestrator/image/image_export.hpp"
#include "orchestrator/image/web_images.hpp"

namespace rescue::image {

struct StreamOptions {
  std::vector<std::string> mirrors;  ///< further folders with the same image, after that of the download
  std::string cache_folder;          ///< folder for chunks
  std::uint64_t cache_bytes = 0;     ///< their budget; 0: the whole image
  std::uint64_t bytes_per_second = 0;
  std::string ca_file;
  /// Give the cache's folder a memory file system of that many MiB, and remove it; empty: it stays where it is. Used
  /// only if the folder is in memory.
  std::function<void(const std::string& folder, unsigned mib)> provide_memory;
  std::function<void(const std::string& folder)> remove_memory;
};

class StreamedImages final : public ports::ImageSource {
public:
  /// `download`, `cache`, `options`, `memory_of_files`: as for WebImages, which it uses for images without digests.
  StreamedImages(const DownloadSettings& download, const std::string& cache, const http::ClientOptions& options,
                 StreamOptions stream, ExportOptions exported, Clock& clock,
                 LocalImages::MemoryOfFiles memory_of_files = {});

  void select(const domain::ImageWish& wish) override { web_.select(wish); }
  [[nodiscard]] domain::RescueImage inspect() override;
  /// Fetches the manifest and the digests, and starts or adopts the export. Takes no image from the servers.
  [[nodiscard]] domain::RescueImage fetch(const Progress& progress, std::stop_token stop) override;
  /// Reads the head of the image through the export: fails if no mirror serves it.
  [[nodiscard]] std::string keep_available() override;
  void create_overlay(const domain::RescueImage& image, const std::string& path) override;
  void discard_overlay(const std::string& path) override;
  /// Ends the export, and removes its cache.
  void release() override;

  /// Why the guest waits for its system disk; none if it does not, or the image is not streamed.
  [[nodiscard]] std::optional<stream::StatusSummary> status() const { return export_.status(); }

private:
  [[nodiscard]] domain::RescueImage streamed(domain::RescueImage image, const images::ImageFile& file) const;
  [[nodiscard]] std::string cache() const { return stream_.cache_folder + "/chunks"; }
  /// MiB of memory for the cache; 0: it is on a disk.
  [[nodiscard]] unsigned cache_mib(const images::ImageFile& file) const;
  [[nodiscard]] stream::Settings settings_for(const images::ImageFile& file) const;

  DownloadSettings download_settings_;
  WebImages web_;
  StreamOptions stream_;
  ImageExport export_;
  LocalImages::MemoryOfFiles memory_of_files_;
};

}  // namespace rescue::image
