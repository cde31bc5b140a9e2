// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The choice of an image of a catalogue, with its reason.
#include "core/error.hpp"
#include "core/text.hpp"
#include "images/catalogue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace rescue::images {
namespace {

using Entries = std::vector<const CatalogueEntry*>;

std::string names_of(const Entries& entries) {
  std::vector<std::string> names;
  for (const auto* entry : entries) names.push_back(entry->name);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

std::string described(const CatalogueEntry& entry) {
  return entry.windows_build == 0 ? entry.name : fmt::format("{} (build {})", entry.name, entry.windows_build);
}

std::string primary_language(const std::string& tag) { return lower_case(tag.substr(0, tag.find('-'))); }

/// 2: the image has the language; 1: another variant of it; 0: neither.
int language_match(const CatalogueEntry& entry, const std::string& wanted) {
  if (wanted.empty()) return 0;
  int best = 0;
  for (const auto& language : entry.languages) {
    if (lower_case(language) == lower_case(wanted)) return 2;
    if (primary_language(language) == primary_language(wanted)) best = 1;
  }
  return best;
}

Entries in_channel(const Catalogue& catalogue, const std::string& channel) {
  Entries entries;
  for (const auto& entry : catalogue.images) {
    if (entry.channel == channel) entries.push_back(&entry);
  }
  if (!entries.empty()) return entries;
  throw Error(ErrorCode::not_found, fmt::format("the catalogue has no image of the channel {}", channel),
              "Set image.channel to a channel of the catalogue, or publish an image for this one.");
}

std::string language_reason(const CatalogueEntry& entry, const std::string& wanted) {
  if (wanted.empty()) return "";
  return language_match(entry, wanted) > 0 ? fmt::format(", in {}", wanted)
                                           : fmt::format("; no such image is in {}", wanted);
}

Choice choose_by_name(const Entries& entries, const Wish& wish) {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto* entry) { return entry->name == wish.name; });
  if (found == entries.end()) {
    throw Error(ErrorCode::not_found, fmt::format("the catalogue has no image {} of this channel", wish.name),
                fmt::format("Request one of: {}; or 'default'.", names_of(entries)));
  }
  const auto& entry = **found;
  if (entry.windows_build != 0 && entry.windows_build < wish.installed_build) {
    throw Error(ErrorCode::precondition,
                fmt::format("{} is older than the installed Windows (build {}), and can't read its ReFS volumes",
                            described(entry), wish.installed_build),
                "Request an image of the same build or a newer one, or 'default'.");
  }
  return {entry, fmt::format("{} is chosen because it was requested by name.", described(entry))};
}

Choice choose_by_build(const Entries& windows, const Catalogue& catalogue, const Wish& wish) {
  Entries able;
  for (const auto* entry : windows) {
    if (entry->windows_build >= wish.installed_build) able.push_back(entry);
  }
  if (able.empty()) {
    throw Error(ErrorCode::precondition,
                fmt::format("no image is as new as the installed Windows (build {}): an older one can't read its ReFS "
                            "volumes",
                            wish.installed_build),
                fmt::format("Publish an image of that build or a newer one. There are: {}.", names_of(windows)));
  }
  const auto rank = [&](const CatalogueEntry* entry) {
    return std::tuple(entry->windows_build, -language_match(*entry, wish.language),
                      entry->kind == Kind::windows_server ? 0 : 1, entry->name == catalogue.default_image ? 0 : 1,
                      std::string_view(entry->name));
  };
  const auto& best =
      **std::min_element(able.begin(), able.end(), [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  const auto why =
      best.windows_build == wish.installed_build
          ? std::string("it has the build of the installed Windows")
          : fmt::format("it is the nearest that is newer than the installed Windows (build {})", wish.installed_build);
  return {best, fmt::format("{} is chosen because {}{}.", described(best), why, language_reason(best, wish.language))};
}

Choice choose_by_rule(const Entries& entries, const Catalogue& catalogue, const Wish& wish) {
  const auto rank = [&](const CatalogueEntry* entry) {
    const bool is_default = entry->name == catalogue.default_image;
    return std::tuple(is_default || entry->kind != Kind::standin ? 0 : 1, -language_match(*entry, wish.language),
                      is_default ? 0 : 1, static_cast<int>(entry->kind),
                      -static_cast<std::int64_t>(entry->windows_build), std::string_view(entry->name));
  };
  const auto& best = **std::min_element(entries.begin(), entries.end(),
                                        [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  const std::string_view why = best.name == catalogue.default_image ? "it is the catalogue's default"
                               : best.windows_build != 0            ? "it is the newest Windows of the catalogue"
                                                                    : "the catalogue has no Windows";
  return {best, fmt::format("{} is chosen because {}{}.", described(best), why, language_reason(best, wish.language))};
}

}  // namespace

Choice choose(const Catalogue& catalogue, const Wish& wish) {
  const auto entries = in_channel(catalogue, wish.channel.empty() ? "stable" : wish.channel);
  if (!wish.name.empty() && wish.name != "default") return choose_by_name(entries, wish);
  Entries windows;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(windows),
               [](const auto* entry) { return entry->windows_build != 0; });
  if (wish.installed_build != 0 && !windows.empty()) return choose_by_build(windows, catalogue, wish);
  return choose_by_rule(entries, catalogue, wish);
}

}  // namespace rescue::images
