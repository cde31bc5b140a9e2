// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/image/web_images.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace rescue::image {
namespace {

http::ClientOptions of_server(http::ClientOptions options, const std::string& url) {
  options.base_url = split_url(url).first;
  return options;
}

bool is_complete(const images::Store& store, const images::ImageFile& file) {
  std::error_code missing;
  return std::filesystem::file_size(store.path_of(file), missing) == file.size && !missing;
}

}  // namespace

WebImages::WebImages(const DownloadSettings& settings, const std::string& cache, http::ClientOptions options,
                     Clock& clock, LocalImages::MemoryOfFiles memory_of_files)
    : url_(settings.url), client_(of_server(std::move(options), settings.url)), download_(settings, client_, clock),
      store_(settings.folder + "/manifest.json", settings.public_key, cache),
      local_(store_, std::move(memory_of_files)) {}

void WebImages::refresh_manifest(const std::stop_token& stop) {
  try {
    download_.fetch_manifest(stop);
  } catch (const Error& error) {
    const bool away = error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout;
    try {
      if (away && is_complete(store_, store_.manifest().system_disk())) {
        log::warning("the image server does not answer, using the image downloaded before: {}", error.what());
        return;
      }
    } catch (const Error&) {
      log::debug("no image was downloaded before");
    }
    std::throw_with_nested(
        Error(error.code(), fmt::format("can't get the image from {}", url_),
              away ? "Check that the image server works, and that image.url is its address." : error.hint()));
  }
}

void WebImages::fetch_digests(const images::ImageFile& file, const std::stop_token& stop) {
  download_.fetch_digests(file, stop);
}

domain::RescueImage WebImages::inspect() {
  refresh_manifest({});
  return local_.inspect();
}

domain::RescueImage WebImages::fetch(const Progress& progress, std::stop_token stop) {
  progress("the image's manifest");
  refresh_manifest(stop);
  const auto file = store_.manifest().system_disk();
  download_.fetch_file(file, progress, stop);
  progress("the image's digest");
  try {
    return local_.fetch(progress, stop);
  } catch (const Error& error) {
    // Discard it, so that the next session downloads it again.
    if (error.code() == ErrorCode::image_untrusted) download_.discard(file);
    throw;
  }
}

}  // namespace rescue::image
