// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/client.hpp"
#include "netboot/api/moment.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/nullable.hpp"

#include <fmt/format.h>

#include <charconv>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr int largest_page = 1000;

long long number_from(const std::string& name, const std::string& text, long long smallest, long long largest) {
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= smallest && number <= largest) {
    return number;
  }
  throw Error(ErrorCode::usage, fmt::format("{}: '{}' is no number from {} to {}", name, text, smallest, largest));
}

AuditQuery query_from(const http::Request& request) {
  AuditQuery query;
  for (const auto& [name, value] : request.query) {
    if (name == "server") {
      query.server = value;
    } else if (name == "token") {
      query.token = value;
    } else if (name == "since") {
      query.since = end_of_span_from(value);
    } else if (name == "until") {
      query.until = end_of_span_from(value);
    } else if (name == "limit") {
      query.limit = static_cast<int>(number_from(name, value, 1, largest_page));
    } else if (name == "cursor") {
      query.before = number_from(name, value, 1, std::numeric_limits<long long>::max());
    } else {
      throw Error(ErrorCode::usage, fmt::format("'{}' is not known here", name),
                  "Filters are server, token, since and until; pages limit and cursor.");
    }
  }
  return query;
}

json entry_json(const AuditEntry& entry) {
  return {{"id", std::to_string(entry.id)},
          {"at", rfc3339(entry.by.at)},
          {"who", entry.by.who},
          {"role", entry.by.role},
          {"token", or_null(entry.by.token)},
          {"method", entry.by.method},
          {"route", entry.by.route},
          {"server", or_null(entry.server)},
          {"address", entry.by.peer},
          {"request_id", entry.by.request_id},
          {"outcome", name_of(entry.outcome)},
          {"error", or_null(entry.error)},
          {"before", json::parse(entry.before)},
          {"after", json::parse(entry.after)}};
}

std::string next_page(const http::Request& request, const std::string& cursor) {
  std::string link = "/v1/audit?cursor=" + cursor;
  for (const auto& [name, value] : request.query) {
    if (name != "cursor") link += fmt::format("&{}={}", name, http::percent_encode(value));
  }
  return link;
}

http::Response as_lines(const json& entries) {
  http::Response response;
  response.content_type = "application/x-ndjson";
  for (const auto& entry : entries) response.body += entry.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

http::Response list(AuditLog& log, const http::Request& request) {
  auto query = query_from(request);
  const auto wanted = static_cast<std::size_t>(query.limit);
  ++query.limit;  // one more shows whether there is another page
  auto found = log.find(query);
  const bool more = found.size() > wanted;
  if (more) found.resize(wanted);
  auto entries = json::array();
  for (const auto& entry : found) entries.push_back(entry_json(entry));
  const auto cursor = more ? json(std::to_string(found.back().id)) : json();
  const bool lines = request.header("accept").find("application/x-ndjson") != std::string::npos;
  auto response = lines ? as_lines(entries) : reply(200, {{"entries", entries}, {"next", cursor}});
  if (more) {
    const auto link = next_page(request, std::to_string(found.back().id));
    response.headers.emplace_back("Link", fmt::format("<{}>; rel=\"next\"", link));
  }
  return response;
}

}  // namespace

void add_audit_routes(Gate& gate, const SharedServices& services) {
  gate.add("GET", "/v1/audit", [services](const auto& request, const auto&) { return list(services->audit, request); });
}

}  // namespace rescue::netboot::api
