// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/boot_records.hpp"

#include "netboot/store/database.hpp"
#include "netboot/store/lease_rows.hpp"
#include "netboot/store/rows.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

namespace rescue::netboot {
namespace {

/// Grows with each edit, and differs after a server was removed and added again. Its sums stay small.
constexpr auto stamp = "(servers.created_ms % 1000000000 + servers.version)";

std::string select(const char* where_and_order) {
  return fmt::format(
      "SELECT servers.name, servers.firmware, servers.loader, servers.address, COALESCE(servers.uuid, ''),"
      " COALESCE(servers.serial, ''), {}, server_macs.mac FROM servers"
      " JOIN server_macs ON server_macs.server = servers.name {}",
      stamp, where_and_order);
}

/// One row for each card.
struct Row {
  std::string name;
  std::string firmware;
  std::string loader;
  std::string address;
  std::string uuid;
  std::string serial;
  long long stamp = 0;
  std::string mac;
};

void bind(soci::details::prepare_temp_type& prepared, Row& row) {
  prepared, soci::into(row.name), soci::into(row.firmware), soci::into(row.loader), soci::into(row.address),
      soci::into(row.uuid), soci::into(row.serial), soci::into(row.stamp), soci::into(row.mac);
}

void add_row(BootRecord& record, const Row& row) {
  if (record.keys.macs.empty()) {
    record.name = row.name;
    record.firmware = row.firmware == name_of(Firmware::bios) ? Firmware::bios : Firmware::uefi;
    record.loader = row.loader;
    record.address = row.address;
    record.keys.uuid = UuidNumber::of(row.uuid).value_or(UuidNumber{});
    record.keys.serial = row.serial;
    record.stamp = row.stamp;
  }
  if (const auto mac = MacAddress::number_of(row.mac)) record.keys.macs.push_back(*mac);
}

}  // namespace

void BootRecords::each(const std::function<void(BootRecord&&)>& use) {
  store_.database().read([&](soci::session& session) {
    Row row;
    auto prepared = session.prepare << select("ORDER BY servers.name, server_macs.position");
    bind(prepared, row);
    soci::statement rows = prepared;
    rows.execute();
    BootRecord record;
    while (rows.fetch()) {
      if (!record.keys.macs.empty() && record.name != row.name) use(std::exchange(record, {}));
      add_row(record, row);
    }
    if (!record.keys.macs.empty()) use(std::move(record));
  });
}

std::optional<BootRecord> BootRecords::of(const std::string& server) {
  return store_.database().read([&](soci::session& session) {
    Row row;
    auto prepared = session.prepare << select("WHERE servers.name = :name ORDER BY server_macs.position");
    bind(prepared, row);
    soci::statement rows = (prepared, soci::use(server));
    rows.execute();
    std::optional<BootRecord> record;
    while (rows.fetch()) {
      if (!record) record.emplace();
      add_row(*record, row);
    }
    return record;
  });
}

BootFingerprint BootRecords::fingerprint() {
  return store_.database().read([](soci::session& session) {
    BootFingerprint print;
    session << "SELECT COUNT(*), CAST(COALESCE(SUM" << stamp << ", 0) AS BIGINT) FROM servers",
        soci::into(print.servers), soci::into(print.stamps);
    session << "SELECT COUNT(*) FROM server_macs", soci::into(print.macs);
    return print;
  });
}

std::map<std::string, Lease> BootRecords::leases(std::optional<WallTime> now) {
  return store_.database().read([&](soci::session& session) {
    auto leases = rows::current_leases(session);
    if (now) std::erase_if(leases, [now](const auto& item) { return item.second.expires <= *now; });
    return leases;
  });
}

std::optional<Lease> BootRecords::lease(const std::string& server) {
  return store_.database().read([&](soci::session& session) { return rows::current_lease(session, server); });
}

void BootRecords::add_boots(const std::string& server, long long lease, unsigned boots, WallTime last) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    const auto more = static_cast<int>(boots);
    const auto when = to_column(last);
    session << "UPDATE leases SET boots = boots + :more, last_boot_ms = :last WHERE id = :id", soci::use(more),
        soci::use(when), soci::use(lease);
    changed.server(server);
  });
}

std::optional<ServerState> BootRecords::boot(const ServerName& name, bool count) {
  const auto look = [&](soci::session& session) -> std::optional<ServerState> {
    auto server = rows::find_server(session, name.text());
    if (!server) return std::nullopt;
    return state_at(*std::move(server), rows::current_lease(session, name.text()), store_.limits(), store_.now());
  };
  // Most servers boot their disk: only a boot that counts needs the writer's lock.
  auto found = store_.database().read(look);
  if (!count || !found || found->mode == BootMode::disk) return found;
  return store_.database().write([&](soci::session& session, ChangeSet& changed) -> std::optional<ServerState> {
    if (!rows::find_server(session, name.text())) return std::nullopt;
    rows::lock_server(session, name);
    auto current = look(session);
    if (!current || current->mode == BootMode::disk) return current;
    current->lease = after_boot(current->lease.value(), store_.limits(), store_.now());
    rows::update_boots(session, current->server.name.text(), *current->lease);
    changed.server(current->server.name.text());
    return current;
  });
}

}  // namespace rescue::netboot
