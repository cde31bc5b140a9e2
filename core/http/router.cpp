// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/server.hpp"

#include <algorithm>
#include <set>

namespace rescue::http {
namespace {

constexpr auto allowed_methods = "allow";

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    segments.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return segments;
}

/// A segment of a pattern is text with at most one {parameter} in it: "{name}", "{mac}.ipxe".
bool segment_matches(std::string_view pattern, const std::string& segment,
                     std::map<std::string, std::string>& parameters) {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == segment;
  const auto close = pattern.find('}', open);
  const auto before = pattern.substr(0, open);
  const auto after = pattern.substr(close + 1);
  if (segment.size() <= before.size() + after.size()) return false;
  if (!segment.starts_with(before) || !segment.ends_with(after)) return false;
  parameters[std::string(pattern.substr(open + 1, close - open - 1))] =
      segment.substr(before.size(), segment.size() - before.size() - after.size());
  return true;
}

bool path_matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path,
                  std::map<std::string, std::string>& parameters) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!segment_matches(pattern[i], path[i], parameters)) return false;
  }
  return true;
}

bool method_matches(const std::string& route, const std::string& request) {
  return route == request || (route == "GET" && request == "HEAD");
}

const Router::Route& method_not_allowed() {
  static const Router::Route route{"",
                                   {},
                                   [](const Request& request) {
                                     const auto& allow = request.parameters.at(allowed_methods);
                                     ErrorReport report;
                                     report.code = ErrorCode::usage;
                                     report.message = request.path + " does not answer " + request.method;
                                     report.hint = "It answers " + allow + ".";
                                     auto response = problem(report, 405);
                                     response.headers.emplace_back("Allow", allow);
                                     return response;
                                   },
                                   RunOn::io_thread};
  return route;
}

}  // namespace

void Router::add(std::string method, const std::string& pattern, Handler handler, RunOn run_on) {
  routes_.push_back({std::move(method), segments_of(pattern), std::move(handler), run_on});
}

const Router::Route& Router::match(Request& request) const {
  const auto path = segments_of(request.path);
  std::set<std::string> allowed;
  for (const auto& route : routes_) {
    std::map<std::string, std::string> parameters;
    if (!path_matches(route.segments, path, parameters)) continue;
    if (method_matches(route.method, request.method)) {
      request.parameters = std::move(parameters);
      return route;
    }
    allowed.insert(route.method);
  }
  if (allowed.empty()) throw Error(ErrorCode::not_found, "there is nothing at " + request.path);
  std::string names;
  for (const auto& method : allowed) names += (names.empty() ? "" : ", ") + method;
  request.parameters = {{allowed_methods, names}};
  return method_not_allowed();
}

}  // namespace rescue::http
