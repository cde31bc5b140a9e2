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

/// Matches a segment with at most one {parameter} in it: "{name}", "{mac}.ipxe". `parameters` may be null.
bool segment_matches(std::string_view pattern, std::string_view segment, Fields* parameters) {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == segment;
  const auto close = pattern.find('}', open);
  const auto before = pattern.substr(0, open);
  const auto after = pattern.substr(close + 1);
  if (segment.size() <= before.size() + after.size()) return false;
  if (!segment.starts_with(before) || !segment.ends_with(after)) return false;
  if (parameters != nullptr) {
    parameters->append(pattern.substr(open + 1, close - open - 1),
                       segment.substr(before.size(), segment.size() - before.size() - after.size()));
  }
  return true;
}

/// Matches "{path*}": the rest of the path, slashes included.
bool takes_the_rest(std::string_view pattern) { return pattern.starts_with('{') && pattern.ends_with("*}"); }

/// Matches without a copy of the path; stores values only if `parameters` is given.
bool path_matches(const std::vector<std::string>& pattern, std::string_view path, Fields* parameters) {
  if (path.starts_with('/')) path.remove_prefix(1);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (takes_the_rest(pattern[i])) {
      if (parameters != nullptr)
        parameters->append(std::string_view(pattern[i]).substr(1, pattern[i].size() - 3), path);
      return !path.empty();
    }
    const auto end = path.find('/');
    const bool is_last = i + 1 == pattern.size();
    if (is_last != (end == std::string_view::npos)) return false;
    if (!segment_matches(pattern[i], path.substr(0, end), parameters)) return false;
    if (!is_last) path.remove_prefix(end + 1);
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
                                   RunOn::io_thread,
                                   {},
                                   nullptr};
  return route;
}

}  // namespace

void Router::add(std::string method, const std::string& pattern, Handler handler, RunOn run_on) {
  routes_.push_back({std::move(method), segments_of(pattern), std::move(handler), run_on});
}

void Router::add_quick(std::string method, const std::string& pattern, QuickHandler quick, Handler handler,
                       RunOn run_on) {
  routes_.push_back({std::move(method), segments_of(pattern), std::move(handler), run_on, std::move(quick)});
}

void Router::add_websocket(const std::string& pattern, Handler handler, RunOn run_on) {
  add("GET", pattern, std::move(handler), run_on);
  routes_.back().is_websocket = true;
}

void Router::allow_large_body(std::string method, std::string path, std::size_t bytes, Admission admission) {
  large_bodies_.push_back({std::move(method), std::move(path), bytes, std::move(admission)});
}

void Router::answer_whatever_is_below(std::string prefix, EncodedSlash slash, Handler handler) {
  whatever_.push_back({std::move(prefix), slash, std::move(handler)});
  std::stable_sort(whatever_.begin(), whatever_.end(),
                   [](const auto& a, const auto& b) { return a.prefix.size() > b.prefix.size(); });
}

const Router::Whatever* Router::whatever_is_below(std::string_view target) const {
  constexpr std::string_view behind_scheme = "://";
  if (const auto scheme = target.find(behind_scheme); !target.starts_with('/') && scheme != std::string_view::npos) {
    target.remove_prefix(std::min(target.find('/', scheme + behind_scheme.size()), target.size()));
  }
  const auto found = std::find_if(whatever_.begin(), whatever_.end(),
                                  [target](const auto& entry) { return target.starts_with(entry.prefix); });
  return found == whatever_.end() ? nullptr : &*found;
}

std::string Router::Route::pattern() const {
  std::string text;
  for (const auto& segment : segments) text += '/' + segment;
  return text;
}

void Router::continue_counts(const Router& other) {
  for (auto& route : routes_) {
    for (const auto& before : other.routes_) {
      if (before.method == route.method && before.segments == route.segments) route.counts = before.counts;
    }
  }
}

const Router::Route& Router::match(Request& request) const {
  std::set<std::string> allowed;
  for (const auto& route : routes_) {
    if (!path_matches(route.segments, request.path, nullptr)) continue;
    if (method_matches(route.method, request.method)) {
      request.parameters.clear();
      (void)path_matches(route.segments, request.path, &request.parameters);
      return route;
    }
    allowed.insert(route.method);
  }
  if (allowed.empty()) throw Error(ErrorCode::not_found, "there is no resource at " + request.path);
  std::string names;
  for (const auto& method : allowed) names += (names.empty() ? "" : ", ") + method;
  request.parameters = {{allowed_methods, names}};
  return method_not_allowed();
}

}  // namespace rescue::http
