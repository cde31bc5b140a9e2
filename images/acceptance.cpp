// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/acceptance.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "images/manifest_fields.hpp"
#include "images/trusted_keys.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace rescue::images {
namespace {

/// Difference between two clocks that is nobody's mistake.
constexpr std::chrono::hours clock_tolerance{24};

constexpr const char* key_of_catalogue = "catalogue";  // no image's key: these have a slash

[[noreturn]] void refuse(const std::string& source, const std::string& why, const std::string& hint) {
  throw Error(ErrorCode::image_untrusted, source + ": " + why, hint);
}

/// Refuses by the host's clock, whichever it is: without a clock nothing can expire, and with a wrong one the message
/// shows it.
void require_not_expired(const std::string& source, std::optional<WallTime> created, std::optional<WallTime> expires,
                         WallTime now) {
  if (expires && now >= *expires) {
    refuse(source, fmt::format("expired on {}; this host's clock says {}", text_of(*expires), text_of(now)),
           "Publish it again with a later date (rescue-image sign, rescue-image catalogue), or set this host's clock.");
  }
  if (created && now + clock_tolerance < *created) {
    log::warning("{} was made on {}, but this host's clock says {}: the clock is wrong", source, text_of(*created),
                 text_of(now));
  }
}

/// Highest counters that this host has accepted, in a file.
class CounterBook {
public:
  explicit CounterBook(std::string path) : path_(std::move(path)) {
    const auto text = path_.empty() ? std::nullopt : read_file_if_exists(path_);
    if (!text) return;
    const auto document = Document::from_json(path_, *text);
    try {
      const auto root = document.root();
      for (const auto& [key, value] : root.json().items()) {
        counters_[key] = root.at(key).integer(0, INT64_MAX);
      }
    } catch (const Error&) {
      std::throw_with_nested(Error(ErrorCode::config_invalid, path_ + " can't be read",
                                   "Check that the image is the newest, and remove the file."));
    }
  }

  void require_newest(const std::string& source, const std::string& key, std::uint64_t counter) const {
    const auto highest = counters_.find(key);
    if (highest == counters_.end() || counter >= static_cast<std::uint64_t>(highest->second)) return;
    refuse(source,
           fmt::format("an older version was replayed: its counter is {}, {} was accepted here before", counter,
                       highest->second),
           fmt::format("Publish the newest version again. To go back on purpose, sign the old one with a higher "
                       "counter, or remove {}.",
                       path_));
  }

  [[nodiscard]] bool contains(const std::string& key) const { return counters_.contains(key); }

  void record(const std::string& key, std::uint64_t counter) {
    if (path_.empty()) return;
    auto& highest = counters_[key];
    if (static_cast<std::uint64_t>(highest) >= counter) return;
    highest = static_cast<std::int64_t>(counter);
    make_folder(std::filesystem::path(path_).parent_path().string(), 0755);
    write_file_atomically(path_, nlohmann::json(counters_).dump(2) + "\n", 0644);
  }

private:
  std::string path_;
  std::map<std::string, std::int64_t> counters_;
};

void require_expected(const std::string& source, const Manifest& manifest, const AcceptanceRules& rules) {
  if (!rules.name.empty() && manifest.name != rules.name) {
    refuse(source, fmt::format("is the manifest of the image {}, expected was {}", manifest.name, rules.name),
           "Check image.name, and the folder that the image is published in.");
  }
  if (!rules.channel.empty() && manifest.channel != rules.channel) {
    refuse(source, fmt::format("is of the channel {}, expected was {}", manifest.channel, rules.channel),
           "Check image.channel, and the folder that the image is published in.");
  }
  if (manifest.counter < rules.least_counter) {
    refuse(source,
           fmt::format("an older version was replayed: its counter is {}, image.least_counter is {}", manifest.counter,
                       rules.least_counter),
           "Publish the newest version again, or lower image.least_counter.");
  }
}

void require_promised(const std::string& source, const CatalogueEntry& entry, const Manifest& manifest) {
  constexpr const char* remedy = "Publish the image again, and then its catalogue: rescue-image catalogue.";
  if (manifest.name != entry.name || manifest.channel != entry.channel) {
    refuse(source,
           fmt::format("is the manifest of the image {} ({}), but the catalogue promises {} ({})", manifest.name,
                       manifest.channel, entry.name, entry.channel),
           remedy);
  }
  if (manifest.counter < entry.counter) {
    refuse(source,
           fmt::format("an older version was replayed: its counter is {}, the catalogue promises {}", manifest.counter,
                       entry.counter),
           remedy);
  }
}

}  // namespace

Manifest accepted_manifest(const std::string& source, const std::string& text, const std::string& signature,
                           const std::string& keys, const AcceptanceRules& rules) {
  (void)TrustedKeys::read(keys).verify(source, text, signature);
  auto manifest = Manifest::parse_text(source, text);
  if (rules.promised) require_promised(source, *rules.promised, manifest);
  require_expected(source, manifest, rules);
  require_not_expired(source, manifest.created, manifest.expires, rules.now());
  CounterBook book(rules.counters);
  const auto key = manifest.channel + "/" + manifest.name;
  book.require_newest(source, key, manifest.counter);
  book.record(key, manifest.counter);
  return manifest;
}

Catalogue accepted_catalogue(const std::string& source, const std::string& text, const std::string& signature,
                             const std::string& keys, const AcceptanceRules& rules) {
  (void)TrustedKeys::read(keys).verify(source, text, signature);
  auto catalogue = Catalogue::parse_text(source, text);
  require_not_expired(source, catalogue.created, catalogue.expires, rules.now());
  CounterBook book(rules.counters);
  book.require_newest(source, key_of_catalogue, catalogue.counter);
  book.record(key_of_catalogue, catalogue.counter);
  return catalogue;
}

void require_no_catalogue_before(const std::string& source, const AcceptanceRules& rules) {
  if (!CounterBook(rules.counters).contains(key_of_catalogue)) return;
  refuse(source, "is missing, but this host has accepted one before",
         fmt::format("Publish the catalogue again, with its .minisig. To use a single image from now on, remove the "
                     "line \"{}\" from {}.",
                     key_of_catalogue, rules.counters));
}

}  // namespace rescue::images
