// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/stream/settings.hpp"

#include <algorithm>
#include <limits>

namespace rescue::stream {
namespace {

constexpr std::size_t most_mirrors = 16;
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

std::string absolute_path(const Field& field) {
  auto path = field.text();
  if (!path.starts_with('/')) field.fail("must be an absolute path");
  return path;
}

std::vector<std::string> mirrors_in(const Field& field) {
  auto urls = field.strings();
  if (urls.empty() || urls.size() > most_mirrors) field.fail("must name 1 to 16 URLs");
  for (const auto& url : urls) {
    if (!url.starts_with("http://") && !url.starts_with("https://")) field.fail("must be http or https URLs");
    if (std::any_of(url.begin(), url.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; })) {
      field.fail("must be URLs without blanks or control characters");
    }
    // URLs are in the status file, which everybody may read.
    const auto authority = url.substr(url.find("//") + 2);
    if (authority.substr(0, authority.find_first_of("/?#")).find('@') != std::string::npos) {
      field.fail("must not hold a user or password", "Let the server allow the addresses of the rescue systems.");
    }
  }
  return urls;
}

void read_optional(const Field& root, Settings& settings) {
  if (const auto field = root.find("profile")) settings.profile = absolute_path(*field);
  if (const auto field = root.find("record")) settings.record = absolute_path(*field);
  if (const auto field = root.find("ca_file")) settings.ca_file = absolute_path(*field);
  if (const auto field = root.find("cache_bytes"))
    settings.cache_bytes = static_cast<std::uint64_t>(field->integer(0, largest));
  if (const auto field = root.find("bytes_per_second"))
    settings.bytes_per_second = static_cast<std::uint64_t>(field->integer(0, largest));
  if (const auto field = root.find("connections")) settings.connections = static_cast<unsigned>(field->integer(1, 16));
  if (const auto field = root.find("read_ahead")) settings.read_ahead = static_cast<unsigned>(field->integer(0, 256));
  if (const auto field = root.find("fetch_rest")) settings.fetch_rest = field->boolean();
  if (const auto field = root.find("read_limit")) settings.read_limit = field->duration();
  if (const auto field = root.find("connect_limit")) settings.connect_limit = field->duration();
  if (const auto field = root.find("request_limit")) settings.request_limit = field->duration();
  if (const auto field = root.find("longest_pause")) settings.longest_pause = field->duration();
}

std::string text_of(Milliseconds duration) { return std::to_string(duration.count()) + "ms"; }

}  // namespace

Settings Settings::parse(const Document& document) {
  const auto root = document.root();
  root.only({"mirrors", "digests", "digests_sha256", "cache", "cache_bytes", "status", "profile", "record", "ca_file",
             "bytes_per_second", "connections", "read_ahead", "fetch_rest", "read_limit", "connect_limit",
             "request_limit", "longest_pause"});
  Settings settings;
  settings.mirrors = mirrors_in(root.at("mirrors"));
  settings.digests = absolute_path(root.at("digests"));
  settings.digests_sha256 = root.at("digests_sha256").text();
  settings.cache = absolute_path(root.at("cache"));
  settings.status = absolute_path(root.at("status"));
  read_optional(root, settings);
  return settings;
}

nlohmann::json Settings::json() const {
  nlohmann::json value{{"mirrors", mirrors},
                       {"digests", digests},
                       {"digests_sha256", digests_sha256},
                       {"cache", cache},
                       {"cache_bytes", cache_bytes},
                       {"status", status},
                       {"bytes_per_second", bytes_per_second},
                       {"connections", connections},
                       {"read_ahead", read_ahead},
                       {"fetch_rest", fetch_rest},
                       {"read_limit", text_of(read_limit)},
                       {"connect_limit", text_of(connect_limit)},
                       {"request_limit", text_of(request_limit)},
                       {"longest_pause", text_of(longest_pause)}};
  if (!profile.empty()) value["profile"] = profile;
  if (!record.empty()) value["record"] = record;
  if (!ca_file.empty()) value["ca_file"] = ca_file;
  return value;
}

}  // namespace rescue::stream
