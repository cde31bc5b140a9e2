// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/rows.hpp"

#include "core/error.hpp"
#include "netboot/store/database.hpp"

#include <fmt/format.h>

namespace rescue::netboot::rows {
namespace {

constexpr auto lease_columns =
    "SELECT server, mode, policy, requested_by, reason, granted_ms, expires_ms, boots, last_boot_ms,"
    " last_heard_ms, id FROM leases WHERE ended_ms IS NULL";

Server to_server(const soci::row& row) {
  Server server{ServerName::parse(row.get<std::string>(0)), {}, Firmware::uefi, {}, {}, {}};
  server.firmware = row.get<std::string>(1) == name_of(Firmware::bios) ? Firmware::bios : Firmware::uefi;
  server.address = row.get<std::string>(2);
  server.loader = row.get<std::string>(3);
  server.created = from_column(row.get<long long>(4));
  return server;
}

std::optional<WallTime> time_or_none(const soci::row& row, std::size_t column) {
  if (row.get_indicator(column) != soci::i_ok) return std::nullopt;
  return from_column(row.get<long long>(column));
}

Lease to_lease(const soci::row& row) {
  Lease lease;
  lease.mode = boot_mode_of(row.get<std::string>(1));
  lease.policy = lease_policy_of(row.get<std::string>(2));
  lease.requested_by = row.get<std::string>(3);
  lease.reason = row.get<std::string>(4);
  lease.granted = from_column(row.get<long long>(5));
  lease.expires = from_column(row.get<long long>(6));
  lease.boots = static_cast<unsigned>(row.get<int>(7));
  lease.last_boot = time_or_none(row, 8);
  lease.last_heard = time_or_none(row, 9);
  // SQLite says what a column holds by its declaration, and this key's is INTEGER.
  lease.id = row.get<int>(10);
  return lease;
}

}  // namespace

std::optional<Server> find_server(soci::session& session, const std::string& name) {
  std::optional<Server> found;
  const soci::rowset<soci::row> servers =
      (session.prepare << "SELECT name, firmware, address, loader, created_ms FROM servers WHERE name = :name",
       soci::use(name));
  for (const auto& row : servers) found = to_server(row);
  if (!found) return found;
  const soci::rowset<std::string> macs =
      (session.prepare << "SELECT mac FROM server_macs WHERE server = :name ORDER BY position", soci::use(name));
  for (const auto& mac : macs) found->macs.push_back(MacAddress::parse(mac));
  return found;
}

Server require_server(soci::session& session, const ServerName& name) {
  if (auto server = find_server(session, name.text())) return *std::move(server);
  throw Error(ErrorCode::not_found, fmt::format("there is no server '{}'", name.text()),
              "'netbootctl server list' shows what there is.");
}

std::vector<Server> all_servers(soci::session& session) {
  std::map<std::string, std::vector<MacAddress>> macs;
  const soci::rowset<soci::row> mac_rows =
      (session.prepare << "SELECT server, mac FROM server_macs ORDER BY server, position");
  for (const auto& row : mac_rows) {
    macs[row.get<std::string>(0)].push_back(MacAddress::parse(row.get<std::string>(1)));
  }
  std::vector<Server> servers;
  const soci::rowset<soci::row> rows =
      (session.prepare << "SELECT name, firmware, address, loader, created_ms FROM servers ORDER BY name");
  for (const auto& row : rows) {
    servers.push_back(to_server(row));
    servers.back().macs = std::move(macs[servers.back().name.text()]);
  }
  return servers;
}

std::optional<std::string> owner_of(soci::session& session, const MacAddress& mac) {
  std::string server;
  session << "SELECT server FROM server_macs WHERE mac = :mac", soci::use(mac.text()), soci::into(server);
  return session.got_data() ? std::optional(std::move(server)) : std::nullopt;
}

std::optional<Lease> current_lease(soci::session& session, const std::string& server) {
  std::optional<Lease> found;
  const soci::rowset<soci::row> rows = (session.prepare << lease_columns << " AND server = :server", soci::use(server));
  for (const auto& row : rows) found = to_lease(row);
  return found;
}

std::map<std::string, Lease> current_leases(soci::session& session) {
  std::map<std::string, Lease> leases;
  const soci::rowset<soci::row> rows = (session.prepare << lease_columns);
  for (const auto& row : rows) leases.emplace(row.get<std::string>(0), to_lease(row));
  return leases;
}

void end_current_lease(soci::session& session, const std::string& server, WallTime now, const std::string& ended_by) {
  const auto ended = to_column(now);
  session << "UPDATE leases SET ended_ms = :ended, ended_by = :by WHERE server = :server AND ended_ms IS NULL",
      soci::use(ended), soci::use(ended_by), soci::use(server);
}

}  // namespace rescue::netboot::rows
