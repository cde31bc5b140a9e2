// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/preconditions.hpp"

#include "core/http/server.hpp"
#include "netboot/domain/token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <vector>

namespace rescue::netboot::api {
namespace {

constexpr unsigned not_modified = 304;
constexpr unsigned precondition_failed = 412;
constexpr std::size_t digits_of_digest = 16;

std::string tag_of(long long version, const std::string& body) {
  return fmt::format("\"{}-{}\"", version, hash_of(body).substr(0, digits_of_digest));
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The version in a tag of ours, without its quotation marks: "7-0123456789abcdef".
std::optional<long long> version_in(std::string_view tag) {
  long long version = 0;
  const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
  if (error != std::errc()) return std::nullopt;
  tag.remove_prefix(static_cast<std::size_t>(end - tag.data()));
  const bool has_digest = tag.size() == digits_of_digest + 1 && tag.front() == '-' &&
                          tag.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
  return has_digest ? std::optional(version) : std::nullopt;
}

/// The versions in the strong tags of a list; none for a malformed list. A comma in a tag is part of it.
std::vector<long long> versions_in(std::string_view list) {
  std::vector<long long> versions;
  while (!(list = without_blanks(list)).empty()) {
    if (list.front() == ',') {
      list.remove_prefix(1);
      continue;
    }
    const bool is_weak = list.starts_with("W/");
    if (is_weak) list.remove_prefix(2);
    const auto end = list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return {};
    const auto version = version_in(list.substr(1, end - 1));
    if (version && !is_weak) versions.push_back(*version);
    list = without_blanks(list.substr(end + 1));
    if (!list.empty() && list.front() != ',') return {};
  }
  return versions;
}

/// If-None-Match is a list, compared weakly: a compressing proxy weakens our tags.
bool names(const std::string& header, const std::string& tag) {
  return header == "*" || header.find(tag) != std::string::npos;
}

}  // namespace

http::Response with_etag(const http::Request& request, long long version, http::Response response) {
  const auto tag = tag_of(version, response.body);
  auto& headers = response.headers;
  headers.erase(
      std::remove_if(headers.begin(), headers.end(), [](const auto& h) { return h.first == "Cache-Control"; }),
      headers.end());
  headers.emplace_back("Cache-Control", "private, no-cache");
  headers.emplace_back("ETag", tag);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && names(request.header("if-none-match"), tag)) {
    response.status = not_modified;
    response.body.clear();
  }
  return response;
}

std::optional<long long> expected_version(const http::Request& request, const std::function<long long()>& current) {
  if (!request.headers.contains("if-match")) return std::nullopt;
  const auto header = request.header("if-match");
  if (without_blanks(header) == "*") return std::nullopt;
  constexpr auto of_no_state = std::numeric_limits<long long>::min();
  const auto versions = versions_in(header);
  if (versions.empty()) return of_no_state;
  const auto now = current();
  return std::find(versions.begin(), versions.end(), now) == versions.end() ? of_no_state : now;
}

http::Response changed_meanwhile(const std::string& what) {
  ErrorReport report;
  report.code = ErrorCode::conflict;
  report.message = fmt::format("{} is not as If-Match says any more", what);
  report.hint = "Somebody else has changed it: read it again, then decide again.";
  return http::problem(report, precondition_failed);
}

}  // namespace rescue::netboot::api
