// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/store.hpp"

#include "core/error.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/migrations.hpp"
#include "netboot/store/rows.hpp"

#include <fmt/format.h>

#include <utility>

namespace rescue::netboot {
namespace {

void refuse_taken(soci::session& session, const Server& server) {
  if (rows::find_server(session, server.name.text())) {
    throw Error(ErrorCode::conflict, fmt::format("there is already a server '{}'", server.name.text()),
                "Remove it first, or choose another name.");
  }
  for (const auto& mac : server.macs) {
    if (const auto owner = rows::owner_of(session, mac)) {
      throw Error(ErrorCode::conflict, fmt::format("the MAC address {} belongs to the server '{}'", mac.text(), *owner),
                  "A card has one server: remove the other first, or correct the address.");
    }
  }
}

void insert(soci::session& session, const Server& server) {
  const std::string firmware(name_of(server.firmware));
  const auto created = to_column(server.created);
  session << "INSERT INTO servers (name, firmware, address, loader, created_ms)"
             " VALUES (:name, :firmware, :address, :loader, :created)",
      soci::use(server.name.text()), soci::use(firmware), soci::use(server.address), soci::use(server.loader),
      soci::use(created);
  int position = 0;
  for (const auto& mac : server.macs) {
    session << "INSERT INTO server_macs (mac, server, position) VALUES (:mac, :server, :position)",
        soci::use(mac.text()), soci::use(server.name.text()), soci::use(position);
    ++position;
  }
  rows::put_bmc(session, server.name.text(), server.bmc);
}

void update_boots(soci::session& session, const std::string& server, const Lease& lease) {
  const auto boots = static_cast<int>(lease.boots);
  const auto last = to_column(lease.last_boot.value());
  session << "UPDATE leases SET boots = :boots, last_boot_ms = :last WHERE server = :server AND ended_ms IS NULL",
      soci::use(boots), soci::use(last), soci::use(server);
}

}  // namespace

Store::Store(const std::string& path, LeaseLimits limits, const Clock& clock)
    : all_limits_{limits}, limits_(&all_limits_.front()), clock_(clock),
      database_(std::make_unique<Database>(path, changes_)) {}
Store::~Store() = default;

int Store::schema() {
  return database_->read([](soci::session& session) { return schema_of(session); });
}

void Store::check() {
  database_->read([](soci::session& session) {
    int servers = 0;
    session << "SELECT COUNT(*) FROM (SELECT name FROM servers LIMIT 1) AS first", soci::into(servers);
  });
}

ServerState Store::state(Server server, std::optional<Lease> lease) const {
  const auto mode = mode_at(lease, limits(), now());
  return {std::move(server), mode, std::move(lease)};
}

void Store::add_server(const Server& server) {
  database_->write([&](soci::session& session, ChangeSet& changed) {
    refuse_taken(session, server);
    insert(session, server);
    changed.new_server(server.name.text());
  });
}

std::vector<ServerState> Store::servers() {
  return database_->read([&](soci::session& session) {
    auto leases = rows::current_leases(session);
    std::vector<ServerState> states;
    for (auto& server : rows::all_servers(session)) {
      const auto lease = leases.find(server.name.text());
      states.push_back(state(std::move(server), lease == leases.end() ? std::nullopt : std::optional(lease->second)));
    }
    return states;
  });
}

ServerState Store::server(const ServerName& name) {
  return database_->read([&](soci::session& session) {
    return state(rows::require_server(session, name), rows::current_lease(session, name.text()));
  });
}

ServerState Store::put_bmc(const ServerName& name, const std::optional<BmcEndpoint>& bmc) {
  database_->write([&](soci::session& session, ChangeSet& changed) {
    (void)rows::require_server(session, name);
    rows::put_bmc(session, name.text(), bmc);
    changed.server(name.text());
  });
  return server(name);
}

void Store::remove_server(const ServerName& name) {
  database_->write([&](soci::session& session, ChangeSet& changed) {
    (void)rows::require_server(session, name);
    if (mode_at(rows::current_lease(session, name.text()), limits(), now()) != BootMode::disk) {
      throw Error(ErrorCode::conflict, fmt::format("the server '{}' is set to boot a rescue system", name.text()),
                  fmt::format("End that first: netbootctl boot-mode set {} disk", name.text()));
    }
    for (const auto* const statement :
         {"DELETE FROM tokens WHERE server = :name", "DELETE FROM boot_tokens WHERE server = :name",
          "DELETE FROM sessions WHERE server = :name", "DELETE FROM tasks WHERE server = :name",
          "DELETE FROM bmcs WHERE server = :name",
          "DELETE FROM rescue_requests WHERE lease IN (SELECT id FROM leases WHERE server = :name)",
          "DELETE FROM leases WHERE server = :name", "DELETE FROM server_macs WHERE server = :name",
          "DELETE FROM servers WHERE name = :name"}) {
      session << statement, soci::use(name.text());
    }
    changed.server(name.text());
  });
}

ServerState Store::grant_lease(const ServerName& name, const LeaseRequest& request) {
  return database_->write([&](soci::session& session, ChangeSet& changed) {
    auto server = rows::require_server(session, name);
    auto lease = rows::grant_lease(session, name.text(), request, now());
    changed.server(name.text());
    return state(std::move(server), std::move(lease));
  });
}

ServerState Store::end_lease(const ServerName& name, const std::string& ended_by) {
  return database_->write([&](soci::session& session, ChangeSet& changed) {
    auto server = rows::require_server(session, name);
    rows::end_current_lease(session, name.text(), now(), ended_by);
    changed.server(name.text());
    return state(std::move(server), std::nullopt);
  });
}

ServerState Store::end_lease(const ServerName& name, long long lease, const std::string& ended_by) {
  return database_->write([&](soci::session& session, ChangeSet& changed) {
    auto server = rows::require_server(session, name);
    auto current = rows::current_lease(session, name.text());
    if (current && current->id == lease) {
      rows::end_current_lease(session, name.text(), now(), ended_by);
      current.reset();
      changed.server(name.text());
    }
    return state(std::move(server), std::move(current));
  });
}

std::optional<ServerState> Store::boot(const MacAddress& mac, bool count) {
  const auto owner = database_->read([&](soci::session& session) { return rows::owner_of(session, mac); });
  return owner ? boot(ServerName::parse(*owner), count) : std::nullopt;
}

std::optional<ServerState> Store::boot(const ServerName& name, bool count) {
  const auto look = [&](soci::session& session) -> std::optional<ServerState> {
    auto server = rows::find_server(session, name.text());
    if (!server) return std::nullopt;
    return state(*std::move(server), rows::current_lease(session, name.text()));
  };
  // Nearly all of a fleet boots its disk: only a boot that counts needs the writer's lock.
  auto found = database_->read(look);
  if (!count || !found || found->mode == BootMode::disk) return found;
  return database_->write([&](soci::session& session, ChangeSet& changed) {
    auto current = look(session);
    if (!current || current->mode == BootMode::disk) return current;
    current->lease = after_boot(current->lease.value(), limits(), now());
    update_boots(session, current->server.name.text(), *current->lease);
    changed.server(current->server.name.text());
    return current;
  });
}

}  // namespace rescue::netboot
