// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/server_import.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/server_rows.hpp"
#include "netboot/store/session_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace rescue::netboot::rows {
namespace {

constexpr std::size_t most_problems = 100;

/// The fleet as it would be, and what stands against it.
class Fleet {
public:
  Fleet(soci::session& session, const ImportOptions& options, const LeaseLimits& limits, WallTime now)
      : session_(session), options_(options), limits_(limits), now_(now) {
    for (auto& server : all_servers(session)) servers_.emplace(server.name.text(), std::move(server));
  }

  void apply(const std::vector<ServerChange>& changes) {
    for (std::size_t i = 0; i < changes.size(); ++i) apply(changes[i], i);
    // Servers that the import leaves alone come first: a conflict is then a problem of the imported server.
    for (const auto& [name, server] : servers_) {
      if (keeps(keeps_address_, name)) addresses_.try_emplace(server.address, name);
      if (keeps(keeps_serial_, name)) serials_.try_emplace(lower_case(server.serial), name);
      if (changed_.count(name) == 0) claim(server, 0);
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const auto found = changed_.find(changes[i].name.text());
      if (found != changed_.end() && found->second.index == i) claim(servers_.at(found->first), i);
    }
  }

  ImportResult result;

  /// Those that are new, or were known: as they are to be.
  [[nodiscard]] std::vector<const Server*> changed(bool is_new) const {
    std::vector<const Server*> list;
    for (const auto& [name, change] : changed_) {
      if (change.is_new == is_new) list.push_back(&servers_.at(name));
    }
    return list;
  }

private:
  struct Change {
    std::size_t index;
    bool is_new;
  };

  void refuse(std::size_t index, std::string field, std::string detail) {
    if (result.problems.size() < most_problems) result.problems.push_back({index, std::move(field), std::move(detail)});
  }

  void apply(const ServerChange& change, std::size_t index) {
    const auto& name = change.name.text();
    const auto known = servers_.find(name);
    const bool is_new = known == servers_.end();
    if (const auto before = changed_.find(name); before != changed_.end()) {
      return refuse(index, "name", fmt::format("'{}' is given twice", name));
    }
    if (!is_new && !options_.update) {
      return refuse(index, "name", fmt::format("there is already a server '{}'", name));
    }
    auto server = is_new ? Server{change.name, {}, Firmware::uefi, {}, {}, now_} : known->second;
    try {
      change.apply(server);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::usage) throw;
      return refuse(index, "", error.what());
    }
    if (server.macs.empty()) return refuse(index, "macs", "is missing");
    if (!is_new && options_.heeded && !may_change(known->second, server, index)) return;
    changed_.emplace(name, Change{index, is_new});
    if (!is_new && known->second.address == server.address) keeps_address_.insert(name);
    if (!is_new && known->second.serial == server.serial) keeps_serial_.insert(name);
    servers_.insert_or_assign(name, std::move(server));
    ++(is_new ? result.added : result.updated);
  }

  /// False, with a problem noted, while a session or a task is in the way.
  bool may_change(const Server& before, const Server& after, std::size_t index) {
    const char* field = "address";
    try {
      refuse_change_of_address(session_, before, after, *options_.heeded, limits_, now_);
      field = "bmc";
      refuse_change_of_bmc(session_, before, after);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::conflict) throw;
      refuse(index, field, fmt::format("can't be changed now: {}", error.what()));
      return false;
    }
    return true;
  }

  void claim(std::unordered_map<std::string, std::string>& owners, const std::string& value, const Server& server,
             std::size_t index, const char* field, const char* what) {
    if (value.empty()) return;
    const auto [owner, fresh] = owners.try_emplace(lower_case(value), server.name.text());
    if (!fresh) {
      refuse(index, field, taken_by(what, value, owner->second, options_.seen));
    }
  }
  [[nodiscard]] bool keeps(const std::unordered_set<std::string>& keeping, const std::string& name) const {
    return !changed_.contains(name) || keeping.contains(name);
  }
  void claim(const Server& server, std::size_t index) {
    for (const auto& mac : server.macs) claim(macs_, mac.text(), server, index, "macs", "MAC address");
    claim(uuids_, server.uuid, server, index, "uuid", "UUID");
    // Two that have the same one already may keep it.
    const auto& name = server.name.text();
    if (!keeps(keeps_serial_, name)) claim(serials_, server.serial, server, index, "serial", "serial number");
    if (!keeps(keeps_address_, name)) claim(addresses_, server.address, server, index, "address", "address");
  }

  soci::session& session_;
  const ImportOptions options_;
  const LeaseLimits limits_;
  const WallTime now_;
  std::unordered_map<std::string, Server> servers_;
  std::map<std::string, Change> changed_;
  std::unordered_map<std::string, std::string> macs_, uuids_, serials_, addresses_;
  std::unordered_set<std::string> keeps_address_, keeps_serial_;  ///< of those that are changed
};

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

/// Before anything is inserted: two servers may change cards, serial numbers or addresses with each other.
/// `shares_address` of 0 and 1 is 2 and 3 until then, which is not looked at (servers_by_address).
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

ImportResult import_servers(soci::session& session, const std::vector<ServerChange>& changes,
                            const ImportOptions& options, const LeaseLimits& limits, WallTime now) {
  Fleet fleet(session, options, limits, now);
  fleet.apply(changes);
  if (fleet.result.problems.empty() && !options.dry_run) {
    const auto known = fleet.changed(false);
    clear_all(session, known);
    update_all(session, known);
    insert_all(session, fleet.changed(true));
  }
  return fleet.result;
}

}  // namespace rescue::netboot::rows
