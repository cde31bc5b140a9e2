// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Catalogue of a folder of images, and the choice of one. Format and rules in docs/images.md.

#include "core/clock.hpp"
#include "core/document.hpp"
#include "images/manifest.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::images {

struct CatalogueEntry {
  std::string name;
  std::string channel = "stable";
  std::string version;
  std::uint64_t counter = 0;
  Kind kind = Kind::standin;
  unsigned windows_build = 0;  ///< 0: not Windows
  std::vector<std::string> languages{};
  unsigned least_memory_mib = 0;
  std::string manifest;  ///< path of its manifest.json below the catalogue's folder

  /// Folder of the manifest: the path without its last part; never empty.
  [[nodiscard]] std::string folder() const;
  friend bool operator==(const CatalogueEntry&, const CatalogueEntry&) = default;
};

struct Catalogue {
  std::uint64_t counter = 0;  ///< grows with each catalogue of the folder
  WallTime created;
  std::optional<WallTime> expires{};
  std::string default_image{};  ///< name; empty: the choice is by rule
  std::vector<CatalogueEntry> images;

  static constexpr std::size_t largest = std::size_t{1} << 20U;  ///< bytes
  static constexpr std::size_t most_images = 256;

  /// Parses a catalogue; ignores fields that it does not know. Throws `config_invalid` with file, line and field.
  static Catalogue parse(const Document& document);
  static Catalogue parse_text(const std::string& source, const std::string& text);
};

[[nodiscard]] nlohmann::ordered_json json_of(const Catalogue& catalogue);

/// Entry of an image whose manifest is at this path below the catalogue's folder.
[[nodiscard]] CatalogueEntry entry_of(const Manifest& manifest, std::string path);

/// Wishes for an image; empty: no wish.
struct Wish {
  std::string name{};            ///< "" or "default": by rule
  std::string channel{};         ///< empty: "stable"
  unsigned installed_build = 0;  ///< of the Windows on the server; 0: not known
  std::string language{};        ///< "de-DE" or "de"
};

struct Choice {
  CatalogueEntry entry;
  std::string reason;  ///< one sentence
};

/// Chooses an image: the name that is wished; else the build of the installed Windows, else the nearest newer one, then
/// the language, then the catalogue's default, then the newest. Never an older Windows than the installed one: it could
/// not read its ReFS volumes. Throws `not_found` or `precondition` with the names that there are.
[[nodiscard]] Choice choose(const Catalogue& catalogue, const Wish& wish);

}  // namespace rescue::images
