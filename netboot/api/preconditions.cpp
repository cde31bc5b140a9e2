// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/preconditions.hpp"

#include "core/http/server.hpp"
#include "netboot/domain/token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace rescue::netboot::api {
namespace {

constexpr unsigned not_modified = 304;
constexpr unsigned precondition_failed = 412;

std::string tag_of(long long version, const std::string& body) {
  constexpr std::size_t digits = 16;
  return fmt::format("\"{}-{}\"", version, hash_of(body).substr(0, digits));
}

/// If-None-Match is a list, compared weakly: a proxy that compresses makes our tags weak ones.
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

std::optional<long long> expected_version(const http::Request& request) {
  const auto header = request.header("if-match");
  if (header.empty() || header == "*") return std::nullopt;
  constexpr long long of_no_state = -1;
  if (header.front() != '"') return of_no_state;
  long long version = 0;
  const auto [end, error] = std::from_chars(header.data() + 1, header.data() + header.size(), version);
  const bool is_ours = error == std::errc() && end != header.data() + header.size() && *end == '-';
  return is_ours ? version : of_no_state;
}

http::Response changed_meanwhile(const std::string& what) {
  ErrorReport report;
  report.code = ErrorCode::conflict;
  report.message = fmt::format("{} is not as If-Match says any more", what);
  report.hint = "Somebody else has changed it: read it again, then decide again.";
  return http::problem(report, precondition_failed);
}

}  // namespace rescue::netboot::api
