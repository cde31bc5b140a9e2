// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/edition.hpp"

#include "core/document.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::windows {
namespace {

constexpr std::int64_t largest_number = std::int64_t{1} << 50;

Edition edition_of(const Field& image) {
  Edition edition;
  edition.index = static_cast<unsigned>(image.at("index").integer(1, 1'000));
  edition.name = image.at("name").string();
  edition.display_name = image.at("display_name").string();
  edition.edition_id = image.at("edition_id").string();
  edition.flags = image.at("flags").string();
  edition.installation_type = image.at("installation_type").string();
  edition.architecture = image.at("architecture").string();
  edition.build = static_cast<unsigned>(image.at("build").integer(0, 1'000'000));
  edition.revision = static_cast<unsigned>(image.at("revision").integer(0, 1'000'000));
  edition.languages = image.at("languages").strings();
  edition.default_language = image.at("default_language").string();
  edition.size_bytes = static_cast<std::uint64_t>(image.at("size_bytes").integer(0, largest_number));
  return edition;
}

bool same(const std::string& a, const std::string& b) { return lower_case(a) == lower_case(b); }

/// Editions that `is_meant` accepts.
template <class Predicate>
std::vector<const Edition*> matches(const std::vector<Edition>& editions, Predicate is_meant) {
  std::vector<const Edition*> found;
  for (const auto& edition : editions) {
    if (is_meant(edition)) found.push_back(&edition);
  }
  return found;
}

/// Tries the names in the order of how exact they are: an edition id can belong to two editions.
std::vector<const Edition*> meant(const std::vector<Edition>& editions, const std::string& wanted) {
  if (!wanted.empty() && wanted.find_first_not_of("0123456789") == std::string::npos) {
    return matches(editions, [&](const Edition& edition) { return std::to_string(edition.index) == wanted; });
  }
  for (const auto member : {&Edition::name, &Edition::display_name, &Edition::flags, &Edition::edition_id}) {
    auto found = matches(editions, [&](const Edition& edition) { return same(edition.*member, wanted); });
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace

std::vector<Edition> editions_of(const std::string& source, const std::string& json) {
  const auto document = Document::from_json("rescue-wim", json);
  std::vector<Edition> editions;
  for (const auto& image : document.root().at("images").items()) {
    auto edition = edition_of(image);
    if (edition.build != 0) editions.push_back(std::move(edition));
  }
  if (editions.empty()) {
    throw Error(ErrorCode::precondition, source + " has no edition of Windows",
                "Use an installation medium of Windows Server; a boot medium or an update does not have any.");
  }
  return editions;
}

const Edition& choose_edition(const std::vector<Edition>& editions, const std::string& wanted) {
  const auto found = meant(editions, wanted);
  if (found.size() == 1) return *found.front();
  const auto problem = found.empty() ? "is not on the medium" : "means more than one edition";
  throw Error(ErrorCode::precondition, fmt::format("the edition '{}' {}", wanted, problem),
              "Name one of these by its number or name:\n" + edition_lines(editions));
}

Release supported_release(const Edition& edition, bool allow_client) {
  if (edition.architecture != "amd64") {
    throw Error(ErrorCode::precondition,
                fmt::format("{} is for the architecture {}", edition.title(), edition.architecture),
                "Use a medium for 64-bit PCs (x64, amd64): rescue VMs have this architecture.");
  }
  if (edition.is_client() && !allow_client) {
    throw Error(ErrorCode::precondition, fmt::format("{} is a client Windows", edition.title()),
                "Use a medium of Windows Server, or add --client if your licence covers a rescue by a client Windows.");
  }
  if (const auto release = release_of(edition.build, edition.is_client())) return *release;
  throw Error(ErrorCode::precondition,
              fmt::format("{} has build {}, which is not supported", edition.title(), edition.build),
              "Supported are " + supported_releases() + ".");
}

nlohmann::ordered_json json_of(const Edition& edition) {
  return {{"index", edition.index},
          {"name", edition.name},
          {"title", edition.title()},
          {"edition_id", edition.edition_id},
          {"flags", edition.flags},
          {"installation_type", edition.installation_type},
          {"architecture", edition.architecture},
          {"build", edition.build},
          {"revision", edition.revision},
          {"languages", edition.languages},
          {"default_language", edition.default_language},
          {"size_bytes", edition.size_bytes}};
}

std::string edition_lines(const std::vector<Edition>& editions) {
  std::vector<std::string> lines;
  lines.reserve(editions.size());
  for (const auto& edition : editions) {
    lines.push_back(fmt::format("{:>3}  {} ({}, build {}, {})", edition.index, edition.title(),
                                edition.flags.empty() ? edition.edition_id : edition.flags, edition.build,
                                edition.architecture));
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace rescue::windows
