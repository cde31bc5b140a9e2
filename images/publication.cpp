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

/// Reason why a host would not use the image; empty if it would.
std::string reason_against(const Manifest& manifest, WallTime now) {
  if (manifest.number < 2) return "it has format 1, without a counter";
  if (manifest.expires && *manifest.expires <= now) return "it expired on " + text_of(*manifest.expires);
  return {};
}

/// Newest image of each name and channel, by channel and name.
std::vector<CatalogueEntry> newest_images(const CatalogueRequest& request, std::vector<std::string>& notes) {
  const auto leave_out = [&](const std::string& path, const std::string& why) {
    notes.push_back(fmt::format("{}/{} is not listed: {}.", request.folder, path, why));
  };
  std::map<std::pair<std::string, std::string>, CatalogueEntry> newest;
  for (const auto& folder : image_folders(request.folder)) {
    if (folder.empty()) continue;  // a single image; its folder has no catalogue
    const auto path = folder + "/manifest.json";
    const auto manifest = read_signed(request.folder + "/" + path, request.public_key);
    if (const auto reason = reason_against(manifest, request.now); !reason.empty()) {
      leave_out(path, reason);
      continue;
    }
    require_files(request.folder + "/" + folder, manifest);
    auto entry = entry_of(manifest, path);
    auto& listed = newest[{entry.channel, entry.name}];
    if (listed.counter == entry.counter) {
      throw Error(ErrorCode::precondition,
                  fmt::format("{} and {} have the same name, channel and counter", listed.manifest, entry.manifest),
                  "Remove one of them, or sign the newer one with a higher counter.");
    }
    if (listed.counter < entry.counter) std::swap(listed, entry);
    if (!entry.manifest.empty()) leave_out(entry.manifest, "there is a newer version");
  }
  std::vector<CatalogueEntry> images;
  for (auto& [key, entry] : newest) images.push_back(std::move(entry));
  return images;
}

/// The default that is wanted; else that of the present catalogue, if its image is still listed.
std::string default_of(const Catalogue& catalogue, const std::optional<Catalogue>& present, const std::string& wanted) {
  const auto is_listed = [&](const std::string& name) {
    return std::any_of(catalogue.images.begin(), catalogue.images.end(),
                       [&](const auto& entry) { return entry.name == name; });
  };
  if (wanted.empty()) return present && is_listed(present->default_image) ? present->default_image : "";
  if (is_listed(wanted)) return wanted;
  throw Error(ErrorCode::precondition, "there is no image " + wanted + " to be the default",
              "Name an image of the folder with --default.");
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
  catalogue.images = newest_images(request, plan.notes);
  if (catalogue.images.empty()) {
    throw Error(ErrorCode::precondition, "no image can be listed in " + request.folder,
                "Put each image in a folder of its own below it, with a signed manifest.json of format 2.");
  }
  catalogue.default_image = default_of(catalogue, present, request.default_image);
  // Reads what will be written: a catalogue that hosts refuse is never signed.
  return {Catalogue::parse(Document::from_json(file, json_of(catalogue).dump())), std::move(plan.notes)};
}

}  // namespace rescue::images
