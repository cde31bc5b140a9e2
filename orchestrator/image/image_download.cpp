// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/image/image_download.hpp"

#include "core/back_off.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/log.hpp"
#include "images/chunks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace rescue::image {
namespace {

constexpr const char* manifest_name = "manifest.json";
constexpr const char* catalogue_name = "catalogue.json";
constexpr const char* signature_suffix = ".minisig";
constexpr const char* partial = ".part";

std::uint64_t size_of(const std::string& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  return missing ? 0 : size;
}

/// Appends arriving bytes to a file, and reports progress.
class Writer {
public:
  Writer(const images::ImageFile& file, const std::string& path, std::uint64_t offset, const Progress& progress,
         Clock& clock)
      : file_(file), path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)), written_(offset),
        progress_(progress), clock_(clock), told_(clock.now()) {
    if (!fd_) throw system_error("cannot write " + path, errno);
    if (::ftruncate(fd_.get(), static_cast<off_t>(offset)) != 0 ||
        ::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_SET) < 0) {
      throw system_error("cannot write " + path, errno);
    }
  }

  void write(std::string_view bytes) {
    if (written_ + bytes.size() > file_.size) {
      throw Error(ErrorCode::image_untrusted, fmt::format("{} is larger than its manifest says", file_.name),
                  "Manifest and image on the image server do not match; publish the image again.");
    }
    while (!bytes.empty()) {
      const auto count = ::write(fd_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0)
        throw system_error("cannot write " + path_, errno, "Check that image.folder has room for the image.");
      bytes.remove_prefix(static_cast<std::size_t>(count));
      written_ += static_cast<std::uint64_t>(count);
    }
    report_progress();
  }

private:
  void report_progress() {
    if (clock_.now() - told_ < std::chrono::seconds(1)) return;
    told_ = clock_.now();
    constexpr std::uint64_t mebibyte = 1U << 20U;
    progress_(fmt::format("the image: {} of {} MiB", written_ / mebibyte, file_.size / mebibyte));
  }

  const images::ImageFile& file_;
  const std::string& path_;
  FileDescriptor fd_;
  std::uint64_t written_;
  const Progress& progress_;
  Clock& clock_;
  SteadyTime told_;
};

bool worth_another(const Error& error) {
  return error.code() == ErrorCode::unavailable || error.code() == ErrorCode::timeout;
}

/// True for an answer that there is no such file. Some object stores answer 403 for what does not exist.
bool is_absence(const Error& error) {
  return error.code() == ErrorCode::not_found || error.code() == ErrorCode::denied;
}

}  // namespace

std::pair<std::string, std::string> split_url(const std::string& url) {
  const auto scheme = url.find("://");
  const auto slash = scheme == std::string::npos ? std::string::npos : url.find('/', scheme + 3);
  if (slash == std::string::npos) return {url, {}};
  auto path = url.substr(slash);
  while (path.ends_with('/')) path.pop_back();
  return {url.substr(0, slash), path};
}

ImageDownload::ImageDownload(DownloadSettings settings, http::Client& client, Clock& clock)
    : settings_(std::move(settings)), base_path_(split_url(settings_.url).second), client_(client), clock_(clock) {}

std::string ImageDownload::signature_of(const std::string& name, const std::stop_token& stop) {
  try {
    return client_.call("GET", base_path_ + "/" + name + signature_suffix, {}, stop).body;
  } catch (const Error& error) {
    if (!is_absence(error)) throw;
    throw Error(ErrorCode::image_untrusted, settings_.url + "/" + name + ": has no signature",
                "Sign it (rescue-image sign, rescue-image catalogue), and publish the .minisig beside it.");
  }
}

void ImageDownload::fetch_signed(
    const std::string& name, const std::function<void(const std::string& text, const std::string& signature)>& accept,
    const std::stop_token& stop) {
  const auto signature_name = name + signature_suffix;
  const auto text = client_.call("GET", base_path_ + "/" + name, {}, stop).body;
  const auto signature = signature_of(name, stop);
  accept(text, signature);
  make_folder(settings_.folder, 0755);  // QEMU runs as its own user, and reads the image
  if (read_file_if_exists(path_of(name)) == text && read_file_if_exists(path_of(signature_name)) == signature) return;
  // After a crash between the two writes the pair does not verify, and is fetched again.
  write_file_atomically(path_of(name), text, 0644);
  write_file_atomically(path_of(signature_name), signature, 0644);
}

std::optional<images::Catalogue> ImageDownload::fetch_catalogue(const std::stop_token& stop) {
  std::optional<images::Catalogue> catalogue;
  try {
    fetch_signed(
        catalogue_name,
        [&](const std::string& text, const std::string& signature) {
          catalogue = images::accepted_catalogue(settings_.url + "/" + catalogue_name, text, signature,
                                                 settings_.public_key, settings_.rules);
        },
        stop);
  } catch (const Error& error) {
    if (!is_absence(error) || catalogue) throw;
    images::require_no_catalogue_before(settings_.url + "/" + catalogue_name, settings_.rules);
    remove_file_durably(path_of(catalogue_name));
  }
  return catalogue;
}

void ImageDownload::fetch_manifest(const std::stop_token& stop) {
  fetch_signed(
      manifest_name,
      [&](const std::string& text, const std::string& signature) {
        (void)images::accepted_manifest(settings_.url + "/" + manifest_name, text, signature, settings_.public_key,
                                        settings_.rules);
      },
      stop);
}

void ImageDownload::fetch_file(const images::ImageFile& file, const Progress& progress, const std::stop_token& stop) {
  if (size_of(path_of(file.name)) == file.size) return;
  BackOff back_off(clock_, settings_.limit);
  progress("the image from " + settings_.url);
  for (;;) {
    try {
      go_on_with(file, progress, stop);
      break;
    } catch (const Error& error) {
      if (!worth_another(error)) throw;
      if (back_off.is_over()) {
        std::throw_with_nested(Error(ErrorCode::timeout,
                                     fmt::format("the image server did not deliver {} in time", file.name),
                                     "Check the image server and the network to it, or raise deadlines.image_fetch."));
      }
      log::warning("{} is incomplete, resuming the download: {}", file.name, error.what());
      progress("the image server to answer again");
    }
    if (!back_off.wait(stop)) throw Error(ErrorCode::cancelled, "stopped on request");
  }
  const auto path = path_of(file.name);
  if (::rename((path + partial).c_str(), path.c_str()) != 0) throw system_error("cannot write " + path, errno);
}

void ImageDownload::fetch_digests(const images::ImageFile& file, const std::stop_token& stop) {
  const auto path = path_of(file.chunks->name);
  if (const auto there = read_file_if_exists(path); !there || images::sha256_of(*there) != file.chunks->sha256) {
    const auto text = client_.call("GET", base_path_ + "/" + http::percent_encode(file.chunks->name), {}, stop).body;
    write_file_atomically(path, text, 0644);
  }
  const auto digests = images::ChunkDigests::verified(path, file.chunks->sha256);
  if (digests.file_size() == file.size) return;
  throw Error(ErrorCode::image_untrusted,
              fmt::format("{}: is for a file of {} bytes, but the image has {}", path, digests.file_size(), file.size),
              "Publish the image again.");
}

void ImageDownload::go_on_with(const images::ImageFile& file, const Progress& progress, const std::stop_token& stop) {
  const auto path = path_of(file.name) + partial;
  auto offset = size_of(path);
  if (offset > file.size) offset = 0;
  if (offset == file.size) return;
  const auto from = [&](std::uint64_t start) {
    Writer writer(file, path, start, progress, clock_);
    return client_.download(
        base_path_ + "/" + http::percent_encode(file.name), start,
        [&writer](std::string_view bytes) { writer.write(bytes); }, stop);
  };
  if (!from(offset)) (void)from(0);
  if (const auto size = size_of(path); size != file.size) {
    throw Error(ErrorCode::unavailable, fmt::format("received {} of {} bytes of {}", size, file.size, file.name));
  }
}

bool ImageDownload::has_begun(const images::ImageFile& file) const {
  return size_of(path_of(file.name)) > 0 || size_of(path_of(file.name) + partial) > 0;
}

void ImageDownload::discard(const images::ImageFile& file) const {
  remove_file_durably(path_of(file.name));
  remove_file_durably(path_of(file.name) + partial);
}

}  // namespace rescue::image
