// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/catalogue.hpp"

#include "core/error.hpp"
#include "images/manifest_fields.hpp"

#include <fmt/format.h>

#include <set>

namespace rescue::images {
namespace {

constexpr std::size_t most_parts = 4;
constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

/// "windows-2022/manifest.json": parts that a URL can have unescaped, without a way out of the folder.
std::string path_of_manifest(const Field& field) {
  auto path = line_in(field);
  std::size_t parts = 0;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    if (part.empty() || part.front() == '.' || part.find_first_not_of(allowed) != std::string::npos ||
        ++parts > most_parts) {
      field.fail("must be a path below the catalogue's folder, such as windows-2022/manifest.json");
    }
    at = end + 1;
  }
  if (parts < 2 || !path.ends_with("/manifest.json")) field.fail("must be the manifest.json of a folder");
  return path;
}

CatalogueEntry parse_entry(const Field& field) {
  CatalogueEntry entry;
  entry.name = name_in(field.at("name"));
  entry.channel = name_in(field.at("channel"));
  entry.version = line_in(field.at("version"));
  entry.counter = counter_in(field.at("counter"));
  entry.kind = field.at("kind").word<Kind>();
  if (entry.kind != Kind::standin) entry.windows_build = windows_build_in(field.at("windows_build"));
  if (const auto languages = field.find("languages")) entry.languages = languages_in(*languages);
  entry.least_memory_mib = memory_mib_in(field.at("least_memory_mib"));
  entry.manifest = path_of_manifest(field.at("manifest"));
  return entry;
}

}  // namespace

std::string CatalogueEntry::folder() const { return manifest.substr(0, manifest.rfind('/')); }

Catalogue Catalogue::parse(const Document& document) {
  const auto root = document.root();
  const auto number = root.at("catalogue");
  if (const auto format = number.integer(1, INT64_MAX); format != 1) {
    number.fail(fmt::format("is {}, this program reads catalogues up to 1", format),
                "Update this program, for rescued the rescue system, or publish the catalogue in the older format.");
  }
  Catalogue catalogue;
  catalogue.counter = counter_in(root.at("counter"));
  catalogue.created = time_in(root.at("created"));
  if (const auto expires = root.find("expires")) {
    catalogue.expires = time_in(*expires);
    if (*catalogue.expires <= catalogue.created) expires->fail("must be after `created`");
  }
  if (const auto name = root.find("default")) catalogue.default_image = name_in(*name);
  std::set<std::string> seen;
  bool has_default = catalogue.default_image.empty();
  for (const auto& item : items_in(root.at("images"), most_images)) {
    const auto& entry = catalogue.images.emplace_back(parse_entry(item));
    has_default = has_default || entry.name == catalogue.default_image;
    if (!seen.insert(entry.channel + "/" + entry.name).second) {
      item.at("name").fail("is given twice in its channel");
    }
  }
  if (!has_default) root.at("default").fail("is no image of this catalogue");
  return catalogue;
}

Catalogue Catalogue::parse_text(const std::string& source, const std::string& text) {
  if (text.size() > largest) {
    throw Error(ErrorCode::config_invalid,
                fmt::format("{}: has {} bytes, a catalogue has {} at most", source, text.size(), largest),
                "Check that the file is a catalogue.");
  }
  return parse(Document::from_json(source, text));
}

nlohmann::ordered_json json_of(const Catalogue& catalogue) {
  using Json = nlohmann::ordered_json;
  Json json{{"catalogue", 1}, {"counter", catalogue.counter}, {"created", text_of(catalogue.created)}};
  if (catalogue.expires) json["expires"] = text_of(*catalogue.expires);
  if (!catalogue.default_image.empty()) json["default"] = catalogue.default_image;
  json["images"] = Json::array();
  for (const auto& entry : catalogue.images) {
    Json item{{"name", entry.name},
              {"channel", entry.channel},
              {"version", entry.version},
              {"counter", entry.counter},
              {"kind", name_of(entry.kind)}};
    if (entry.windows_build > 0) item["windows_build"] = entry.windows_build;
    if (!entry.languages.empty()) item["languages"] = entry.languages;
    item["least_memory_mib"] = entry.least_memory_mib;
    item["manifest"] = entry.manifest;
    json["images"].push_back(std::move(item));
  }
  return json;
}

CatalogueEntry entry_of(const Manifest& manifest, std::string path) {
  CatalogueEntry entry;
  entry.name = manifest.name;
  entry.channel = manifest.channel;
  entry.version = manifest.version;
  entry.counter = manifest.counter;
  entry.kind = manifest.kind;
  if (manifest.windows) entry.windows_build = manifest.windows->build;
  entry.languages = manifest.languages;
  entry.least_memory_mib = manifest.profile.least_memory_mib;
  entry.manifest = std::move(path);
  return entry;
}

}  // namespace rescue::images
