// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rules beyond a signature by which a manifest or catalogue is accepted: the right image, not expired, not rolled back.

#include "core/clock.hpp"
#include "images/catalogue.hpp"
#include "images/manifest.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace rescue::images {

struct AcceptanceRules {
  std::string name;                          ///< image that is expected; empty: any
  std::string channel;                       ///< channel that is expected; empty: any
  std::uint64_t least_counter = 0;           ///< lower counters are refused
  std::optional<CatalogueEntry> promised{};  ///< entry of the catalogue that led to the manifest
  std::string counters{};                    ///< file with the highest counters that were accepted; empty: none is kept
  std::function<WallTime()> now = [] { return std::chrono::system_clock::now(); };
};

/// Verifies signature and rules, and parses. `keys`: path of a key or a folder of keys (images/trusted_keys.hpp).
/// Records the counter if `rules.counters` is set, so that an older manifest of this image is refused from now on.
/// Throws `image_untrusted` (signature, another image, expired, older than accepted before or than promised),
/// `config_invalid`.
[[nodiscard]] Manifest accepted_manifest(const std::string& source, const std::string& text,
                                         const std::string& signature, const std::string& keys,
                                         const AcceptanceRules& rules);

/// Like `accepted_manifest`, for a catalogue; of the rules only `counters` and `now` apply.
[[nodiscard]] Catalogue accepted_catalogue(const std::string& source, const std::string& text,
                                           const std::string& signature, const std::string& keys,
                                           const AcceptanceRules& rules);

/// Refuses the absence of a catalogue at `source` if one was accepted before, by the counters of `rules`: its absence
/// would hide a roll-back. Does nothing without counters. Throws `image_untrusted`, `config_invalid`.
void require_no_catalogue_before(const std::string& source, const AcceptanceRules& rules);

}  // namespace rescue::images
