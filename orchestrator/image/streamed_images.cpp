// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/image/streamed_images.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "images/chunks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace rescue::image {

StreamedImages::StreamedImages(const DownloadSettings& download, const std::string& cache,
                               const http::ClientOptions& options, StreamOptions stream, ExportOptions exported,
                               Clock& clock, LocalImages::MemoryOfFiles memory_of_files)
    : download_settings_(download), web_(download, cache, options, clock, memory_of_files), stream_(std::move(stream)),
      export_(std::move(exported), clock), memory_of_files_(std::move(memory_of_files)) {}

domain::RescueImage StreamedImages::streamed(domain::RescueImage image, const images::ImageFile& file) const {
  image.system_disk = export_.uri();
  image.memory_mib = 0;
  if (!memory_of_files_) return image;
  // The cache takes at most its budget, and at most what its file system has.
  const auto bytes = stream_.cache_bytes == 0 ? file.size : std::min(file.size, stream_.cache_bytes);
  const auto mib = static_cast<unsigned>((bytes + (1U << 20U) - 1) >> 20U);
  image.memory_mib = std::min(memory_of_files_(std::filesystem::path(stream_.cache).parent_path().string()), mib);
  return image;
}

stream::Settings StreamedImages::settings_for(const images::ImageFile& file) const {
  stream::Settings settings;
  auto folders = stream_.mirrors;
  folders.insert(folders.begin(), download_settings_.url);
  for (auto& folder : folders) {
    while (folder.ends_with('/')) folder.pop_back();
    settings.mirrors.push_back(folder + "/" + http::percent_encode(file.name));
  }
  settings.digests = download_settings_.folder + "/" + file.chunks->name;
  settings.digests_sha256 = file.chunks->sha256;
  settings.cache = stream_.cache;
  settings.cache_bytes = stream_.cache_bytes;
  settings.bytes_per_second = stream_.bytes_per_second;
  settings.ca_file = stream_.ca_file;
  return settings;
}

domain::RescueImage StreamedImages::inspect() {
  auto image = web_.inspect();
  const auto file = web_.manifest().system_disk();
  return file.chunks ? streamed(std::move(image), file) : image;
}

domain::RescueImage StreamedImages::fetch(const Progress& progress, std::stop_token stop) {
  progress("the image's manifest");
  auto image = web_.inspect();
  const auto file = web_.manifest().system_disk();
  if (!file.chunks) return web_.fetch(progress, std::move(stop));
  web_.fetch_digests(file, stop);
  make_folder(std::filesystem::path(stream_.cache).parent_path().string(), 0700);
  progress("the exporter of the image");
  export_.start(settings_for(file));
  return streamed(std::move(image), file);
}

void StreamedImages::create_overlay(const domain::RescueImage& image, const std::string& path) {
  web_.create_overlay(image, path);
}

void StreamedImages::discard_overlay(const std::string& path) {
  web_.discard_overlay(path);
  export_.stop();
  remove_file_durably(stream_.cache);
}

}  // namespace rescue::image
