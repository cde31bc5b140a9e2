// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/image/streamed_images.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "images/chunks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace rescue::image {

StreamedImages::StreamedImages(const DownloadSettings& download, const std::string& cache,
                               const http::ClientOptions& options, StreamOptions stream, ExportOptions exported,
                               Clock& clock, LocalImages::MemoryOfFiles memory_of_files)
    : download_settings_(download), web_(download, cache, options, clock, memory_of_files), stream_(std::move(stream)),
      export_(std::move(exported), clock), memory_of_files_(std::move(memory_of_files)) {}

unsigned StreamedImages::cache_mib(const images::ImageFile& file) const {
  const unsigned room = memory_of_files_ ? memory_of_files_(stream_.cache_folder) : 0;
  if (room == 0) return 0;
  const auto bytes = stream_.cache_bytes == 0 ? file.size : std::min(file.size, stream_.cache_bytes);
  const auto mib = static_cast<unsigned>((bytes + (1U << 20U) - 1) >> 20U);
  // A file system of its own has the size of the cache; another one may have less room than that.
  return stream_.provide_memory ? mib : std::min(room, mib);
}

domain::RescueImage StreamedImages::streamed(domain::RescueImage image, const images::ImageFile& file) const {
  image.system_disk = export_.uri();
  image.memory_mib = cache_mib(file);
  return image;
}

stream::Settings StreamedImages::settings_for(const images::ImageFile& file) const {
  stream::Settings settings;
  auto folders = stream_.mirrors;
  folders.insert(folders.begin(), download_settings_.url);
  for (auto& folder : folders) {
    while (folder.ends_with('/')) folder.pop_back();
    settings.mirrors.push_back(folder + web_.subfolder() + "/" + http::percent_encode(file.name));
  }
  settings.digests = download_settings_.folder + web_.subfolder() + "/" + file.chunks->name;
  settings.digests_sha256 = file.chunks->sha256;
  settings.cache = cache();
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
  const auto manifest = web_.manifest();
  const auto file = manifest.system_disk();
  if (!file.chunks) {
    release();  // of an image before
    return web_.fetch(progress, std::move(stop));
  }
  web_.fetch_digests(file, stop);
  make_folder(stream_.cache_folder, 0700);
  if (const auto mib = cache_mib(file); mib > 0 && stream_.provide_memory) {
    stream_.provide_memory(stream_.cache_folder, mib);
  }
  progress("the exporter of the image");
  auto settings = settings_for(file);
  settings.profile = web_.fetch_boot_profile(stop);
  // A check that runs beside the session may have chosen another image meanwhile.
  const auto now = web_.manifest();
  if (manifest.name != image.name || manifest.version != image.version || now.name != image.name ||
      now.version != image.version) {
    throw Error(ErrorCode::conflict, "another image was chosen while this one was being fetched", "Start again.");
  }
  export_.start(std::move(settings));
  return streamed(std::move(image), file);
}

void StreamedImages::create_overlay(const domain::RescueImage& image, const std::string& path) {
  web_.create_overlay(image, path);
}

void StreamedImages::discard_overlay(const std::string& path) { web_.discard_overlay(path); }

void StreamedImages::release() {
  export_.stop();
  remove_file_durably(cache());
  if (stream_.remove_memory) stream_.remove_memory(stream_.cache_folder);
}

std::string StreamedImages::keep_available() {
  try {
    export_.restart_if_ended();
    if (!export_.wanted()) return {};
    const auto status = export_.status();
    if (!status) return {};  // it has just started
    // After a crash the report is that of before.
    if (::kill(status->pid, 0) != 0) return "its exporter has ended and starts again";
    return status->state != stream::State::serving ? status->reason : std::string{};
  } catch (const std::exception& error) {
    return report_of(error).one_line();
  }
}

}  // namespace rescue::image
