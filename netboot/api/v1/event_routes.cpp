// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/stream.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace rescue::netboot::api {
namespace {

/// The event to resume after; none: only new events. The header wins: browsers and clients repeat the query.
std::optional<long long> position_from(const http::Request& request) {
  auto text = request.header("last-event-id");
  const auto query = request.query.find("after");
  if (text.empty() && query != request.query.end()) text = query->second;
  if (text.empty()) return std::nullopt;
  long long id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc() && end == text.data() + text.size() && id >= 0) return id;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not the id of an event", text),
              "Send the id of the last event that came, or 0 for all that are kept.");
}

std::set<std::string> kinds_from(std::string_view text) {
  std::set<std::string> kinds;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    const auto kind = text.substr(start, end - start);
    constexpr std::array<std::string_view, 6> known{"server", "task",     "session",
                                                    "secret", "delivery", "lease-ends-soon"};
    if (std::find(known.begin(), known.end(), kind) == known.end()) {
      throw Error(ErrorCode::usage, fmt::format("'{}' is not a kind of event", kind),
                  "Kinds are server, task, session, secret, delivery and lease-ends-soon, with commas between them.");
    }
    kinds.emplace(kind);
    start = end + 1;
  }
  return kinds;
}

void require_known_filters(const http::Request& request) {
  for (const auto& [name, value] : request.query) {
    if (name != "server" && name != "kind" && name != "after" && name != "follow") {
      throw Error(ErrorCode::usage, fmt::format("there is no filter '{}'", name),
                  "There are server, kind, after and follow.");
    }
  }
}

EventFilter filter_from(const http::Request& request, const Caller& caller) {
  EventFilter filter;
  const auto kind = request.query.find("kind");
  if (kind != request.query.end()) filter.kinds = kinds_from(kind->second);
  const auto server = request.query.find("server");
  if (server != request.query.end()) {
    const auto name = ServerName::parse(server->second);
    require_in_scope(caller, name);
    filter.server = name.text();
  }
  if (caller.scope.is_bound()) {
    filter.may_see = [scope = caller.scope](const std::string& name) { return scope.holds(ServerName::parse(name)); };
  }
  return filter;
}

}  // namespace

void add_event_routes(Gate& gate, const ApiOptions& options) {
  gate.add("GET", "/v1/events", [feed = options.events](const http::Request& request, const Caller& caller) {
    if (feed == nullptr) throw Error(ErrorCode::unavailable, "this netbootd has no events");
    require_known_filters(request);
    auto filter = filter_from(request, caller);
    const auto after = position_from(request);
    http::Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Accel-Buffering", "no");  // nginx does not buffer events
    if (!flag_from(request, "follow", true)) {
      response.body = feed->kept(filter, after);
    } else if (request.method != "HEAD") {
      response.stream = feed->open(std::move(filter), after);
    }
    return response;
  });
}

}  // namespace rescue::netboot::api
