// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/server_search.hpp"

#include "core/text.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

#include <algorithm>

namespace rescue::netboot::rows {
namespace {

/// The server's lease boots now: `active` in `state_of`, in SQL.
constexpr auto active_lease = R"sql(
  SELECT leases.server FROM leases
  WHERE leases.ended_ms IS NULL AND leases.expires_ms > :now
    AND (:mode = 'disk' OR leases.mode = :mode)
    AND ((leases.policy = 'once' AND leases.boots = 0)
      OR (leases.policy <> 'once'
        AND (leases.last_boot_ms IS NULL OR leases.last_boot_ms >= :silent OR leases.last_heard_ms >= :silent
          OR leases.has_agent = 0)
        AND (leases.boots < :boots OR (leases.last_boot_ms > :repeats AND leases.last_boot_ms <= :now)))))sql";

/// ":only0, :only1, ..."
std::string places(const char* name, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += fmt::format("{}:{}{}", i == 0 ? "" : ", ", name, i);
  return text;
}

std::string search_sql(std::size_t names) {
  // Each part of an OR is evaluated once, as a set: a subquery for each server would run 100,000 times.
  return fmt::format(R"sql(
    {0} WHERE name > :after
      AND (:text = ''
        OR name LIKE :pattern ESCAPE '!' OR address LIKE :pattern ESCAPE '!'
        OR LOWER(serial) LIKE :pattern ESCAPE '!' OR uuid LIKE :pattern ESCAPE '!'
        OR name IN (SELECT server FROM server_macs WHERE :digits <> '' AND REPLACE(mac, ':', '') LIKE :digits)
        OR name IN (SELECT server FROM server_tags WHERE tag LIKE :pattern ESCAPE '!'))
      AND (:tag = '' OR name IN (SELECT server FROM server_tags WHERE tag = :tag))
      AND (:mode = '' OR (:mode = 'disk' AND name NOT IN ({1})) OR (:mode <> 'disk' AND name IN ({1})))
      {2}
    ORDER BY name LIMIT :limit)sql",
                     server_columns, active_lease, names == 0 ? "" : "AND name IN (" + places("only", names) + ")");
}

/// Pattern for LIKE: the literal text anywhere.
std::string pattern_of(const std::string& text) {
  std::string pattern = "%";
  for (const char c : lower_case(text)) {
    if (c == '%' || c == '_' || c == '!') pattern += '!';
    pattern += c;
  }
  return pattern + "%";
}

/// "52-54-00", "5254.00" -> "%525400%"; empty if it is no part of a MAC address.
std::string digits_of(const std::string& text) {
  std::string digits;
  for (const char c : lower_case(text)) {
    const bool is_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (is_digit) digits += c;
    if (!is_digit && c != ':' && c != '-' && c != '.') return {};
  }
  return digits.size() < 2 ? std::string{} : "%" + digits + "%";
}

/// Runs one query with a bound parameter for each name.
soci::rowset<soci::row> of_servers(soci::session& session, const std::string& select, const std::string& order,
                                   const std::vector<std::string>& names) {
  auto prepared = session.prepare << select << " (" << places("name", names.size()) << ")" << order;
  for (const auto& name : names) prepared, soci::use(name);
  return prepared;
}

std::vector<std::string> names_of(const std::vector<Server>& servers) {
  std::vector<std::string> names;
  names.reserve(servers.size());
  for (const auto& server : servers) names.push_back(server.name.text());
  return names;
}

/// `servers` are sorted by name.
Server& named(std::vector<Server>& servers, const std::string& name) {
  return *std::lower_bound(servers.begin(), servers.end(), name,
                           [](const Server& server, const std::string& wanted) { return server.name.text() < wanted; });
}

void add_parts(soci::session& session, std::vector<Server>& servers) {
  const auto names = names_of(servers);
  const auto macs =
      of_servers(session, "SELECT server, mac FROM server_macs WHERE server IN", " ORDER BY server, position", names);
  for (const auto& row : macs) {
    named(servers, row.get<std::string>(0)).macs.push_back(MacAddress::parse(row.get<std::string>(1)));
  }
  const auto tags =
      of_servers(session, "SELECT server, tag FROM server_tags WHERE server IN", " ORDER BY server, tag", names);
  for (const auto& row : tags) named(servers, row.get<std::string>(0)).tags.push_back(row.get<std::string>(1));
  const auto bmcs = of_servers(session, std::string(bmc_columns) + " WHERE server IN", "", names);
  for (const auto& row : bmcs) named(servers, row.get<std::string>(0)).bmc = to_bmc(row);
}

}  // namespace

std::vector<Server> find_servers(soci::session& session, const ServerQuery& query, const LeaseLimits& limits,
                                 WallTime now) {
  const auto pattern = pattern_of(query.text);
  const auto digits = digits_of(query.text);
  const auto at = to_column(now);
  const auto silent = limits.dead_man.count() == 0 ? 0 : at - limits.dead_man.count();
  const auto repeats = at - limits.repeat_window.count();
  const auto boots = static_cast<int>(limits.boots);
  const auto limit = static_cast<int>(query.limit);
  auto prepared = session.prepare << search_sql(query.only.size());
  prepared, soci::use(query.after, "after"), soci::use(query.text, "text"), soci::use(pattern, "pattern"),
      soci::use(digits, "digits"), soci::use(query.tag, "tag"), soci::use(query.mode, "mode"), soci::use(at, "now"),
      soci::use(silent, "silent"), soci::use(boots, "boots"), soci::use(repeats, "repeats"), soci::use(limit, "limit");
  for (std::size_t i = 0; i < query.only.size(); ++i) prepared, soci::use(query.only[i], fmt::format("only{}", i));
  const soci::rowset<soci::row> found = prepared;
  std::vector<Server> servers;
  for (const auto& row : found) servers.push_back(to_server(row));
  if (!servers.empty()) add_parts(session, servers);
  return servers;
}

std::map<std::string, Lease> leases_of(soci::session& session, const std::vector<Server>& servers) {
  std::map<std::string, Lease> leases;
  if (servers.empty()) return leases;
  const auto names = names_of(servers);
  const auto rows = of_servers(session, std::string(lease_columns) + " AND server IN", "", names);
  for (const auto& row : rows) leases.emplace(row.get<std::string>(0), to_lease(row));
  return leases;
}

}  // namespace rescue::netboot::rows
