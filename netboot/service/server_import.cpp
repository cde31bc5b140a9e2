// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/server_import.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "netboot/service/session_guard.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/server_bulk_rows.hpp"
#include "netboot/store/server_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace rescue::netboot {
namespace {

constexpr std::size_t most_problems = 100;

/// The fleet as it would be, and what stands against it.
class Fleet {
public:
  Fleet(soci::session& session, const ImportOptions& options, const LeaseLimits& limits, WallTime now)
      : session_(session), options_(options), limits_(limits), now_(now) {
    for (auto& server : rows::all_servers(session)) servers_.emplace(server.name.text(), std::move(server));
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
      guard::refuse_change_of_address(session_, before, after, *options_.heeded, limits_, now_);
      field = "bmc";
      guard::refuse_change_of_bmc(session_, before, after);
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
      refuse(index, field, rows::taken_by(what, value, owner->second, options_.seen));
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

}  // namespace

ImportResult import_servers(soci::session& session, const std::vector<ServerChange>& changes,
                            const ImportOptions& options, const LeaseLimits& limits, WallTime now) {
  Fleet fleet(session, options, limits, now);
  fleet.apply(changes);
  if (fleet.result.problems.empty() && !options.dry_run) {
    rows::write_servers(session, fleet.changed(false), fleet.changed(true));
  }
  return fleet.result;
}

}  // namespace rescue::netboot
