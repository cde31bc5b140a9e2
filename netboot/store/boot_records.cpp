// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/boot_records.hpp"

#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"

namespace rescue::netboot {
namespace {

constexpr auto columns = "SELECT servers.name, servers.firmware, servers.loader, server_macs.mac FROM servers"
                         " JOIN server_macs ON server_macs.server = servers.name";

/// One row for each card.
struct Row {
  std::string name;
  std::string firmware;
  std::string loader;
  std::string mac;
};

void add_row(BootRecord& record, const Row& row) {
  record.name = row.name;
  record.firmware = row.firmware == name_of(Firmware::bios) ? Firmware::bios : Firmware::uefi;
  record.loader = row.loader;
  if (const auto mac = MacAddress::number_of(row.mac)) record.macs.push_back(*mac);
}

}  // namespace

void BootRecords::each(const std::function<void(BootRecord&&)>& use) {
  store_.database().read([&](soci::session& session) {
    Row row;
    soci::statement rows =
        (session.prepare << columns << " ORDER BY servers.name, server_macs.position", soci::into(row.name),
         soci::into(row.firmware), soci::into(row.loader), soci::into(row.mac));
    rows.execute();
    BootRecord record;
    while (rows.fetch()) {
      if (!record.macs.empty() && record.name != row.name) use(std::exchange(record, {}));
      add_row(record, row);
    }
    if (!record.macs.empty()) use(std::move(record));
  });
}

std::optional<BootRecord> BootRecords::of(const std::string& server) {
  return store_.database().read([&](soci::session& session) {
    Row row;
    soci::statement rows =
        (session.prepare << columns << " WHERE servers.name = :name ORDER BY server_macs.position", soci::use(server),
         soci::into(row.name), soci::into(row.firmware), soci::into(row.loader), soci::into(row.mac));
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
    session << "SELECT COUNT(*) FROM servers", soci::into(print.servers);
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

}  // namespace rescue::netboot
