// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/new_image.hpp"

#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/chunks.hpp"
#include "images/store.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <ctime>
#include <filesystem>

namespace rescue::images {
namespace {

constexpr mode_t readable_by_all = 0644;

}  // namespace

ImageFile describe_image(const std::string& path) {
  Command info;
  info.argv = {"qemu-img", "info", "--output=json", path};
  const auto facts = nlohmann::json::parse(run_checked(info).out);
  ImageFile file;
  file.name = std::filesystem::path(path).filename().string();
  file.role = std::string(name_of(FileRole::system_disk));
  file.format = facts.at("format").get<std::string>();
  file.size = std::filesystem::file_size(path);
  file.virtual_size = facts.at("virtual-size").get<std::uint64_t>();
  file.sha256 = sha256_of_file(path);
  const auto digests = ChunkDigests::of_file(path).content();
  write_file_atomically(path + ".chunks", digests, readable_by_all);
  file.chunks = ChunkList{file.name + ".chunks", sha256_of(digests)};
  return file;
}

void publish_manifest(const std::string& folder, Manifest manifest, const std::optional<SigningKey>& key) {
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  manifest.number = 2;
  manifest.counter = static_cast<std::uint64_t>(now.time_since_epoch().count());
  manifest.created = now;
  const auto text = json_of(manifest).dump(2) + "\n";
  const auto path = folder + "/manifest.json";
  (void)Manifest::parse_text(path, text, UnknownFields::refused);
  if (key) {
    write_signed(path, text, *key, fmt::format("rescue image {} {}", manifest.name, manifest.version));
  } else {
    write_file_atomically(path, text, readable_by_all);
  }
}

std::string version_of_today() { return fmt::format("{:%Y.%m.%d}", fmt::gmtime(std::time(nullptr))); }

}  // namespace rescue::images
