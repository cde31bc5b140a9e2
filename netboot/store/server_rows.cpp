// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/server_rows.hpp"

#include "core/error.hpp"
#include "netboot/store/console_rows.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/delivery_rows.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/secret_link_rows.hpp"

#include <fmt/format.h>
#include <soci/soci.h>
#include <sodium.h>

namespace rescue::netboot::rows {
namespace {

/// NULL for an empty text: a unique index accepts any number of them.
struct NullableText {
  explicit NullableText(const std::string& text) : value(text), indicator(text.empty() ? soci::i_null : soci::i_ok) {}
  const std::string& value;
  soci::indicator indicator;
};

void refuse_taken(soci::session& session, const Server& server, const Scope& seen, const char* query,
                  const std::string& value, const char* what) {
  if (value.empty()) return;
  std::string owner;
  session << query, soci::use(value), soci::use(server.name.text()), soci::into(owner);
  if (!session.got_data()) return;
  throw Error(ErrorCode::conflict, taken_by(what, value, owner, seen),
              "It belongs to one server only: remove the other first, or correct it.");
}

void insert_parts(soci::session& session, const Server& server) {
  const auto& name = server.name.text();
  int position = 0;
  for (const auto& mac : server.macs) {
    session << "INSERT INTO server_macs (mac, server, position) VALUES (:mac, :server, :position)",
        soci::use(mac.text()), soci::use(name), soci::use(position);
    ++position;
  }
  for (const auto& tag : server.tags) {
    session << "INSERT INTO server_tags (server, tag) VALUES (:server, :tag)", soci::use(name), soci::use(tag);
  }
  put_bmc(session, name, server.bmc);
}

}  // namespace

std::string taken_by(std::string_view what, const std::string& value, const std::string& owner, const Scope& seen) {
  if (!seen.holds(ServerName::parse(owner))) return fmt::format("the {} {} belongs to another server", what, value);
  return fmt::format("the {} {} belongs to the server '{}'", what, value, owner);
}

void refuse_taken(soci::session& session, const Server& server, const Scope& seen) {
  constexpr auto by_mac = "SELECT server FROM server_macs WHERE mac = :mac AND server <> :name";
  for (const auto& mac : server.macs) refuse_taken(session, server, seen, by_mac, mac.text(), "MAC address");
  const auto refuse = [&](const char* query, const std::string& value, const char* what) {
    refuse_taken(session, server, seen, query, value, what);
  };
  refuse("SELECT name FROM servers WHERE uuid = :uuid AND name <> :name", server.uuid, "UUID");
  // Older servers may share serial numbers (in either case) and addresses: they stay until somebody changes them.
  std::string serial;
  std::string address;
  session << "SELECT COALESCE(serial, ''), address FROM servers WHERE name = :name", soci::use(server.name.text()),
      soci::into(serial), soci::into(address);
  const bool is_known = session.got_data();
  if (!is_known || serial != server.serial) {
    refuse("SELECT name FROM servers WHERE LOWER(serial) = LOWER(:serial) AND name <> :name", server.serial,
           "serial number");
  }
  if (is_known && address == server.address) return;
  refuse("SELECT name FROM servers WHERE address = :address AND name <> :name", server.address, "address");
}

long long first_version() {
  constexpr std::uint32_t most = 1U << 31U;  // sums for a fleet fit into a column
  return 1 + static_cast<long long>(::randombytes_uniform(most));
}

void insert_server(soci::session& session, const Server& server) {
  const std::string firmware(name_of(server.firmware));
  const auto created = to_column(server.created);
  const auto version = first_version();
  NullableText uuid(server.uuid);
  NullableText serial(server.serial);
  session << "INSERT INTO servers (name, firmware, address, loader, created_ms, uuid, serial, notes, version)"
             " VALUES (:name, :firmware, :address, :loader, :created, :uuid, :serial, :notes, :version)",
      soci::use(server.name.text()), soci::use(firmware), soci::use(server.address), soci::use(server.loader),
      soci::use(created), soci::use(uuid.value, uuid.indicator), soci::use(serial.value, serial.indicator),
      soci::use(server.notes), soci::use(version);
  insert_parts(session, server);
}

void delete_server(soci::session& session, const std::string& name) {
  delete_secret_links_of(session, name);
  delete_deliveries_of(session, name);
  delete_consoles_of(session, name);
  for (const auto* const statement :
       {"DELETE FROM tokens WHERE server = :name", "DELETE FROM boot_tokens WHERE server = :name",
        "DELETE FROM sessions WHERE server = :name", "DELETE FROM tasks WHERE server = :name",
        "DELETE FROM bmcs WHERE server = :name",
        "DELETE FROM rescue_requests WHERE lease IN (SELECT id FROM leases WHERE server = :name)",
        "DELETE FROM leases WHERE server = :name", "DELETE FROM server_macs WHERE server = :name",
        "DELETE FROM server_tags WHERE server = :name", "DELETE FROM servers WHERE name = :name"}) {
    session << statement, soci::use(name);
  }
}

void update_server(soci::session& session, const Server& server) {
  const std::string firmware(name_of(server.firmware));
  NullableText uuid(server.uuid);
  NullableText serial(server.serial);
  session << "UPDATE servers SET shares_address = CASE WHEN address = :same THEN shares_address ELSE 0 END,"
             " shares_serial = CASE WHEN serial = :serial_same THEN shares_serial ELSE 0 END,"
             " firmware = :firmware, address = :address, loader = :loader, uuid = :uuid,"
             " serial = :serial, notes = :notes, version = version + 1 WHERE name = :name",
      soci::use(server.address), soci::use(server.serial), soci::use(firmware), soci::use(server.address),
      soci::use(server.loader), soci::use(uuid.value, uuid.indicator), soci::use(serial.value, serial.indicator),
      soci::use(server.notes), soci::use(server.name.text());
  session << "DELETE FROM server_macs WHERE server = :name", soci::use(server.name.text());
  session << "DELETE FROM server_tags WHERE server = :name", soci::use(server.name.text());
  insert_parts(session, server);
}

}  // namespace rescue::netboot::rows
