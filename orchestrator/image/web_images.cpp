// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/image/web_images.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
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

WebImages::WebImages(DownloadSettings settings, std::string cache, http::ClientOptions options, Clock& clock,
                     LocalImages::MemoryOfFiles memory_of_files)
    : settings_(std::move(settings)), cache_(std::move(cache)), client_(of_server(std::move(options), settings_.url)),
      clock_(clock), memory_of_files_(std::move(memory_of_files)) {
  if (settings_.rules.counters.empty()) settings_.rules.counters = settings_.folder + "/.counters.json";
  settings_.rules.now = [&clock] { return clock.wall(); };
  chosen_.rules = settings_.rules;
}

void WebImages::select(const domain::ImageWish& wish) {
  const std::lock_guard lock(mutex_);
  wish_ = wish;
}

WebImages::Chosen WebImages::chosen() const {
  const std::lock_guard lock(mutex_);
  return chosen_;
}

ImageDownload WebImages::download(const Chosen& chosen, std::optional<Milliseconds> limit) {
  auto settings = settings_;
  settings.limit = limit.value_or(settings.limit);
  while (settings.url.ends_with('/')) settings.url.pop_back();
  settings.url += chosen.subfolder;
  settings.folder = folder(chosen);
  settings.rules = chosen.rules;
  return {std::move(settings), client_, clock_};
}

images::Store WebImages::store(const Chosen& chosen) const {
  return {folder(chosen) + "/manifest.json", settings_.public_key, cache_, chosen.rules};
}

LocalImages WebImages::local(const Chosen& chosen) const {
  return LocalImages({folder(chosen) + "/manifest.json", settings_.public_key, cache_, chosen.rules}, memory_of_files_);
}

std::optional<images::Catalogue> WebImages::kept_catalogue() const {
  const auto path = settings_.folder + "/catalogue.json";
  if (!std::filesystem::exists(path)) {
    images::require_no_catalogue_before(path, settings_.rules);
    return std::nullopt;
  }
  return images::accepted_catalogue(path, read_file(path), read_file(path + ".minisig"), settings_.public_key,
                                    settings_.rules);
}

WebImages::Chosen WebImages::choose(const std::optional<images::Catalogue>& catalogue) const {
  Chosen chosen{{}, settings_.rules};
  if (!catalogue) return chosen;
  const auto wish = [this] {
    const std::lock_guard lock(mutex_);
    return in_catalogue(wish_);
  }();
  const auto choice = images::choose(*catalogue, images::completed(wish, settings_.rules));
  log::info("{}", choice.reason);
  chosen.subfolder = "/" + choice.entry.folder();
  chosen.rules.name = choice.entry.name;
  chosen.rules.promised = choice.entry;
  return chosen;
}

WebImages::Chosen WebImages::refresh(const std::stop_token& stop) {
  Chosen chosen;
  try {
    chosen = choose(download({{}, settings_.rules}).fetch_catalogue(stop));
    download(chosen).fetch_manifest(stop);
  } catch (const Error& error) {
    const bool away = error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout;
    bool is_here = false;
    try {
      if (away) {
        chosen = choose(kept_catalogue());
        is_here = is_complete(store(chosen), store(chosen).manifest().system_disk());
      }
    } catch (const Error&) {
      log::debug("no image was downloaded before");
    }
    if (!is_here) {
      const bool is_absent = error.code() == ErrorCode::not_found && error.hint().empty();
      std::throw_with_nested(Error(error.code(), fmt::format("can't get the image from {}", settings_.url),
                                   away ? "Check that the image server works, and that image.url is its address."
                                   : is_absent
                                       ? "Publish catalogue.json or manifest.json, with its .minisig, under image.url."
                                       : error.hint()));
    }
    log::warning("the image server does not answer, using the image downloaded before: {}", error.what());
  }
  const std::lock_guard lock(mutex_);
  chosen_ = chosen;
  return chosen;
}

void WebImages::fetch_digests(const images::ImageFile& file, const std::stop_token& stop) {
  download(chosen()).fetch_digests(file, stop);
}

std::string WebImages::fetch_boot_profile(const std::stop_token& stop) {
  const auto chosen = this->chosen();
  const auto manifest = store(chosen).manifest();
  const auto* const profile = manifest.boot_profile();
  if (profile == nullptr) return {};
  try {
    constexpr Milliseconds worth{10'000};  // it makes a boot faster by seconds
    download(chosen, worth)
        .fetch_file(
            *profile, [](const std::string&) {}, stop);
    return store(chosen).verified(*profile);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    if (error.code() == ErrorCode::image_untrusted) download(chosen).discard(*profile);
    log::warning("the boot profile can't be used, the guest starts without it: {}", error.what());
    return {};
  }
}

domain::RescueImage WebImages::inspect() { return local(refresh({})).inspect(); }

domain::RescueImage WebImages::fetch(const Progress& progress, std::stop_token stop) {
  progress("the image's manifest");
  const auto chosen = refresh(stop);
  const auto file = store(chosen).manifest().system_disk();
  auto source = download(chosen);
  for (bool is_last = !source.has_begun(file);; is_last = true) {
    source.fetch_file(file, progress, stop);
    progress("the image's digest");
    try {
      return local(chosen).fetch(progress, stop);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::image_untrusted) throw;
      // Discard it, so that the next attempt or session downloads it again.
      source.discard(file);
      if (is_last) throw;
      log::info("{} was another version's, downloading it again", file.name);
    }
  }
}

}  // namespace rescue::image
