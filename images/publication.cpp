// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/publication.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "images/manifest_fields.hpp"
#include "images/trusted_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace rescue::images {
namespace {

namespace fs = std::filesystem;

constexpr int deepest_folder = 3;

void find_images(const fs::path& folder, const std::string& below, int depth, std::vector<std::string>& found) {
  if (fs::is_regular_file(folder / "manifest.json")) found.push_back(below);
  if (depth == deepest_folder) return;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name.front() == '.' || entry.is_symlink() || !entry.is_directory()) continue;
    find_images(entry.path(), below.empty() ? name : below + "/" + name, depth + 1, found);
  }
}

void require_files(const std::string& folder, const Manifest& manifest) {
  for (const auto& file : manifest.files) {
    const auto path = folder + "/" + file.name;
    std::error_code failed;
    const auto size = fs::file_size(path, failed);
    if (failed) {
      throw Error(ErrorCode::not_found, fmt::format("the image file {} can't be read: {}", path, failed.message()),
                  "Copy it into the folder of its manifest.");
    }
    if (size == file.size) continue;
    throw Error(ErrorCode::image_untrusted,
                fmt::format("{}: has {} bytes, but its manifest says {}", path, size, file.size),
                "The file is damaged or truncated; copy the image again.");
  }
}

Manifest read_signed(const std::string& path, const std::string& public_key) {
  const auto text = read_file(path);
  const auto signature = read_file_if_exists(path + ".minisig");
  if (!signature) {
    throw Error(ErrorCode::image_untrusted, path + ": has no signature",
                "Sign it: rescue-image sign --manifest " + path + " --key KEY");
  }
  if (!public_key.empty()) (void)TrustedKeys::read(public_key).verify(path, text, *signature);
  return Manifest::parse_text(path, text, UnknownFields::refused);
}

}  // namespace

std::vector<std::string> image_folders(const std::string& folder) {
  if (!fs::is_directory(folder)) {
    throw Error(ErrorCode::not_found, "there is no folder " + folder, "Name the folder of the images: --folder DIR.");
  }
  std::vector<std::string> found;
  find_images(folder, "", 0, found);
  std::sort(found.begin(), found.end());
  return found;
}

CataloguePlan plan_catalogue(const CatalogueRequest& request) {
  CataloguePlan plan;
  auto& catalogue = plan.catalogue;
  const auto file = request.folder + "/catalogue.json";
  std::optional<Catalogue> present;
  if (const auto text = read_file_if_exists(file)) present = Catalogue::parse_text(file, *text);
  // Seconds of the clock grow even where the present catalogue was lost.
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(request.now.time_since_epoch()).count();
  catalogue.counter = std::max(static_cast<std::uint64_t>(seconds), present ? present->counter + 1 : 1);
  catalogue.created = request.now;
  if (request.lifetime) catalogue.expires = request.now + *request.lifetime;

  std::map<std::pair<std::string, std::string>, CatalogueEntry> newest;
  for (const auto& folder : image_folders(request.folder)) {
    if (folder.empty()) continue;  // a single image; its folder has no catalogue
    const auto path = request.folder + "/" + folder + "/manifest.json";
    const auto manifest = read_signed(path, request.public_key);
    if (manifest.number < 2) {
      plan.notes.push_back(path + " is not listed: it has format 1, without a counter.");
      continue;
    }
    if (manifest.expires && *manifest.expires <= request.now) {
      plan.notes.push_back(fmt::format("{} is not listed: it expired on {}.", path, text_of(*manifest.expires)));
      continue;
    }
    require_files(request.folder + "/" + folder, manifest);
    auto entry = entry_of(manifest, folder + "/manifest.json");
    auto& listed = newest[{entry.channel, entry.name}];
    if (listed.counter == entry.counter) {
      throw Error(ErrorCode::precondition,
                  fmt::format("{} and {} have the same name, channel and counter", listed.manifest, entry.manifest),
                  "Remove one of them, or sign the newer one with a higher counter.");
    }
    const auto& older = listed.counter < entry.counter ? listed : entry;
    if (!older.manifest.empty()) {
      plan.notes.push_back(
          fmt::format("{}/{} is not listed: there is a newer version.", request.folder, older.manifest));
    }
    if (listed.counter < entry.counter) listed = std::move(entry);
  }
  for (auto& [key, entry] : newest) catalogue.images.push_back(std::move(entry));
  if (catalogue.images.empty()) {
    throw Error(ErrorCode::precondition, "no image can be listed in " + request.folder,
                "Put each image in a folder of its own below it, with a signed manifest.json of format 2.");
  }
  catalogue.default_image = request.default_image;
  const auto is_listed = [&](const std::string& name) {
    return std::any_of(catalogue.images.begin(), catalogue.images.end(),
                       [&](const auto& entry) { return entry.name == name; });
  };
  if (catalogue.default_image.empty() && present && is_listed(present->default_image)) {
    catalogue.default_image = present->default_image;
  }
  if (!catalogue.default_image.empty() && !is_listed(catalogue.default_image)) {
    throw Error(ErrorCode::precondition, "there is no image " + catalogue.default_image + " to be the default",
                "Name an image of the folder with --default.");
  }
  // Reads what will be written: a catalogue that hosts refuse is never signed.
  return {Catalogue::parse(Document::from_json(file, json_of(catalogue).dump())), std::move(plan.notes)};
}

}  // namespace rescue::images
