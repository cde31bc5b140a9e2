// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/store.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/log.hpp"
#include "core/timed.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace rescue::images {
namespace {

namespace fs = std::filesystem;

constexpr const char* catalogue_name = "catalogue.json";

struct stat status_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) {
      throw Error(ErrorCode::not_found, "the image file " + path + " does not exist",
                  "Copy it into the folder of its manifest.");
    }
    throw system_error("cannot read " + path, errno);
  }
  return status;
}

/// Fingerprint that changes whenever the content may have changed: the kernel sets the change time, no program can.
std::string fingerprint_of(const struct stat& status) {
  return fmt::format("{}:{}:{}:{}.{}:{}.{}", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

/// Text of a file and of its signature.
std::pair<std::string, std::string> signed_text(const std::string& path, const char* what) {
  auto text = read_file_if_exists(path);
  if (!text) {
    throw Error(ErrorCode::not_found, fmt::format("the image {} {} does not exist", what, path),
                "Set image.manifest in the configuration to a manifest or a catalogue, or copy an image there.");
  }
  auto signature = read_file_if_exists(path + ".minisig");
  if (!signature) {
    throw Error(ErrorCode::image_untrusted, path + ": has no signature", "Sign it: minisign -S -s KEY -m " + path);
  }
  return {*std::move(text), *std::move(signature)};
}

nlohmann::json read_cache(const std::string& path) {
  const auto text = read_file_if_exists(path);
  auto cache = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json::object();
  return cache.is_object() ? cache : nlohmann::json::object();
}

}  // namespace

std::string sha256_of_file(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw system_error("cannot read " + path, errno);
  const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<unsigned char> buffer(std::size_t{1} << 20);
  for (;;) {
    const auto count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error("cannot read " + path, errno);
    if (count == 0) break;
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(count));
  }
  std::array<unsigned char, 32> digest{};
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

Wish completed(Wish wish, const AcceptanceRules& rules) {
  if (wish.name.empty() || wish.name == "default") wish.name = rules.name;
  if (wish.channel.empty()) wish.channel = rules.channel.empty() ? "stable" : rules.channel;
  return wish;
}

Store Store::open(const StoreSettings& settings, Wish wish) {
  auto path = fs::path(settings.path);
  if (fs::is_directory(path)) path /= fs::exists(path / catalogue_name) ? catalogue_name : "manifest.json";
  const auto& rules = settings.rules;
  if (path.filename() != catalogue_name) return {path.string(), settings.public_key, settings.cache, rules};

  const auto [text, signature] = signed_text(path.string(), "catalogue");
  const auto catalogue = accepted_catalogue(path.string(), text, signature, settings.public_key, rules);
  const auto choice = choose(catalogue, completed(std::move(wish), rules));
  log::info("{}: {}", path.string(), choice.reason);
  auto promised = rules;
  promised.promised = choice.entry;
  promised.name = choice.entry.name;
  return {(path.parent_path() / choice.entry.manifest).string(), settings.public_key, settings.cache,
          std::move(promised)};
}

Manifest Store::manifest() const {
  const auto [text, signature] = signed_text(manifest_, "manifest");
  return accepted_manifest(manifest_, text, signature, public_key_, rules_);
}

std::string Store::path_of(const ImageFile& file) const {
  return (fs::path(manifest_).parent_path() / file.name).string();
}

std::string Store::verified(const ImageFile& file) const {
  auto path = path_of(file);
  const auto before = status_of(path);
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorCode::image_untrusted, path + ": " + why,
                "The file is damaged or was replaced; copy the image again.");
  };
  if (static_cast<std::uint64_t>(before.st_size) != file.size) {
    refuse(fmt::format("has {} bytes, but its manifest says {}", before.st_size, file.size));
  }
  const auto fingerprint = fingerprint_of(before);
  auto cache = read_cache(cache_);
  if (cache.value(fingerprint, "") == file.sha256) return path;

  const log::Timed line("read {} for its SHA-256", path);
  if (sha256_of_file(path) != file.sha256) refuse("its SHA-256 differs from the manifest's");
  if (fingerprint_of(status_of(path)) != fingerprint) refuse("changed while it was verified");
  cache[fingerprint] = file.sha256;
  write_file_atomically(cache_, cache.dump(), 0600);
  return path;
}

}  // namespace rescue::images
