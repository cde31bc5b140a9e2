// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/audit_command.hpp"

#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

constexpr unsigned largest_page = 1000;

std::string path_of(const AuditFilter& filter, unsigned limit, const std::string& cursor) {
  auto path = "/v1/audit?limit=" + std::to_string(limit);
  const auto add = [&path](const char* name, const std::string& value) {
    if (!value.empty()) path += std::string("&") + name + "=" + http::percent_encode(value);
  };
  add("server", filter.server);
  add("token", filter.token);
  add("since", filter.since);
  add("until", filter.until);
  add("cursor", cursor);
  return path;
}

}  // namespace

std::string audit(http::Client& client, const AuditFilter& filter, bool json_wanted) {
  std::vector<std::vector<std::string>> rows{{"TIME", "WHO", "ROLE", "FROM", "SERVER", "WHAT", "OUTCOME", "REQUEST"}};
  std::string lines;
  std::string cursor;
  std::size_t left = filter.last == 0 ? std::size_t(-1) : filter.last;
  do {
    const auto limit = static_cast<unsigned>(std::min<std::size_t>(left, largest_page));
    const auto page = parsed(client.call("GET", path_of(filter, limit, cursor)).body);
    for (const auto& entry : page.value("entries", json::array())) {
      if (json_wanted) lines += entry.dump() + "\n";
      const auto error = text_of(entry, "error");
      rows.push_back({text_of(entry, "at"), text_of(entry, "who"), text_of(entry, "role"), text_of(entry, "address"),
                      text_of(entry, "server"), text_of(entry, "method") + " " + text_of(entry, "route"),
                      text_of(entry, "outcome") + (error.empty() ? "" : ": " + error), text_of(entry, "request_id")});
    }
    left -= limit;
    cursor = text_of(page, "next");
  } while (!cursor.empty() && left > 0);
  return json_wanted ? lines : table(rows);
}

}  // namespace rescue::netboot::cli
