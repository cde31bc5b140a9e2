// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/server_bulk_rows.hpp"

#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/server_rows.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <string>

namespace rescue::netboot::rows {
namespace {

/// The columns of many servers: each statement is prepared once and runs over all of them.
struct Columns {
  std::vector<std::string> name, firmware, address, loader, uuid, serial, notes;
  std::vector<soci::indicator> has_uuid, has_serial;
  std::vector<long long> created;
  std::vector<std::string> mac, mac_server, tag, tag_server;
  std::vector<int> position;

  explicit Columns(const std::vector<const Server*>& servers) {
    for (const auto* const server : servers) add(*server);
  }

private:
  void add(const Server& server) {
    name.push_back(server.name.text());
    firmware.emplace_back(name_of(server.firmware));
    address.push_back(server.address);
    loader.push_back(server.loader);
    uuid.push_back(server.uuid);
    has_uuid.push_back(server.uuid.empty() ? soci::i_null : soci::i_ok);
    serial.push_back(server.serial);
    has_serial.push_back(server.serial.empty() ? soci::i_null : soci::i_ok);
    notes.push_back(server.notes);
    created.push_back(to_column(server.created));
    int next = 0;
    for (const auto& each : server.macs) {
      position.push_back(next++);
      mac.push_back(each.text());
      mac_server.push_back(server.name.text());
    }
    for (const auto& each : server.tags) {
      tag.push_back(each);
      tag_server.push_back(server.name.text());
    }
  }
};

void insert_parts(soci::session& session, const std::vector<const Server*>& servers, const Columns& columns) {
  if (!columns.mac.empty()) {
    session << "INSERT INTO server_macs (mac, server, position) VALUES (:mac, :server, :position)",
        soci::use(columns.mac), soci::use(columns.mac_server), soci::use(columns.position);
  }
  if (!columns.tag.empty()) {
    session << "INSERT INTO server_tags (server, tag) VALUES (:server, :tag)", soci::use(columns.tag_server),
        soci::use(columns.tag);
  }
  for (const auto* const server : servers) {
    if (server->bmc) put_bmc(session, server->name.text(), server->bmc);
  }
}

void insert_all(soci::session& session, const std::vector<const Server*>& servers) {
  if (servers.empty()) return;
  Columns columns(servers);
  std::vector<long long> versions(servers.size());
  std::generate(versions.begin(), versions.end(), first_version);
  session << "INSERT INTO servers (name, firmware, address, loader, created_ms, uuid, serial, notes, version)"
             " VALUES (:name, :firmware, :address, :loader, :created, :uuid, :serial, :notes, :version)",
      soci::use(columns.name), soci::use(columns.firmware), soci::use(columns.address), soci::use(columns.loader),
      soci::use(columns.created), soci::use(columns.uuid, columns.has_uuid),
      soci::use(columns.serial, columns.has_serial), soci::use(columns.notes), soci::use(versions);
  insert_parts(session, servers, columns);
}

/// Runs before any insert: two servers may exchange cards, serial numbers or addresses. `shares_address` of 0 and 1
/// becomes 2 and 3 until then, which servers_by_address ignores.
void clear_all(soci::session& session, const std::vector<const Server*>& servers) {
  if (servers.empty()) return;
  Columns columns(servers);
  for (const auto* const statement :
       {"UPDATE servers SET uuid = NULL, serial = NULL, shares_address = shares_address + 2 WHERE name = :name",
        "DELETE FROM server_macs WHERE server = :name", "DELETE FROM server_tags WHERE server = :name"}) {
    session << statement, soci::use(columns.name);
  }
}

void update_all(soci::session& session, const std::vector<const Server*>& servers) {
  if (servers.empty()) return;
  Columns columns(servers);
  session << "UPDATE servers SET shares_address = CASE WHEN address = :same THEN shares_address - 2 ELSE 0 END,"
             " firmware = :firmware, address = :address, loader = :loader, uuid = :uuid,"
             " serial = :serial, notes = :notes, version = version + 1 WHERE name = :name",
      soci::use(columns.address), soci::use(columns.firmware), soci::use(columns.address), soci::use(columns.loader),
      soci::use(columns.uuid, columns.has_uuid), soci::use(columns.serial, columns.has_serial),
      soci::use(columns.notes), soci::use(columns.name);
  insert_parts(session, servers, columns);
}

}  // namespace

void write_servers(soci::session& session, const std::vector<const Server*>& known,
                   const std::vector<const Server*>& added) {
  clear_all(session, known);
  update_all(session, known);
  insert_all(session, added);
}

}  // namespace rescue::netboot::rows
