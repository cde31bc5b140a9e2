// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/store.hpp"

#include "core/error.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/migrations.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/server_import.hpp"
#include "netboot/store/server_rows.hpp"
#include "netboot/store/server_search.hpp"
#include "netboot/store/session_guard.hpp"

#include <fmt/format.h>

#include <utility>

namespace rescue::netboot {
namespace {

void update_boots(soci::session& session, const std::string& server, const Lease& lease) {
  const auto boots = static_cast<int>(lease.boots);
  const auto last = to_column(lease.last_boot.value());
  session << "UPDATE leases SET boots = :boots, last_boot_ms = :last WHERE server = :server AND ended_ms IS NULL",
      soci::use(boots), soci::use(last), soci::use(server);
}

}  // namespace

Store::Store(DatabaseSettings settings, LeaseLimits limits, const Clock& clock)
    : all_limits_{limits}, limits_(&all_limits_.front()), clock_(clock),
      database_(std::make_unique<Database>(std::move(settings), clock, changes_)) {}
Store::~Store() = default;

WallTime Store::now() const { return database_->now(); }

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

void Store::add_server(const Server& server, const Scope& seen) {
  database_->write([&](soci::session& session, ChangeSet& changed) {
    if (rows::find_server(session, server.name.text())) {
      throw Error(ErrorCode::conflict, fmt::format("there is already a server '{}'", server.name.text()),
                  "Remove it first, or choose another name.");
    }
    rows::refuse_taken(session, server, seen);
    rows::insert_server(session, server);
    changed.new_server(server.name.text());
  });
}

ImportResult Store::import_servers(const std::vector<ServerChange>& changes, const ImportOptions& options) {
  return database_->write([&](soci::session& session, ChangeSet& changed) {
    auto result = rows::import_servers(session, changes, options, limits(), now());
    if (!result.problems.empty() || options.dry_run) return result;
    for (const auto& change : changes) changed.server(change.name.text());
    return result;
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

ServerPage Store::find_servers(const ServerQuery& query) {
  return database_->read([&](soci::session& session) {
    auto wanted = query;
    ++wanted.limit;  // whether there is one more
    auto servers = rows::find_servers(session, wanted, limits(), now());
    ServerPage page{{}, servers.size() <= query.limit};
    if (!page.is_last) servers.pop_back();
    auto leases = rows::leases_of(session, servers);
    for (auto& server : servers) {
      const auto lease = leases.find(server.name.text());
      page.servers.push_back(
          state(std::move(server), lease == leases.end() ? std::nullopt : std::optional(lease->second)));
    }
    return page;
  });
}

ServerState Store::server(const ServerName& name) {
  return database_->read([&](soci::session& session) {
    return state(rows::require_server(session, name), rows::current_lease(session, name.text()));
  });
}

std::optional<ServerState> Store::change_server(const ServerName& name, const std::function<void(Server&)>& change,
                                                std::optional<long long> expected, const Scope& seen,
                                                const std::optional<AgentRules>& heeded) {
  return database_->write([&](soci::session& session, ChangeSet& changed) -> std::optional<ServerState> {
    rows::lock_server(session, name);
    auto server = rows::require_server(session, name);
    if (expected && *expected != server.version) return std::nullopt;
    const auto before = server;
    change(server);
    constexpr auto all_the_same = "With force it is changed all the same.";
    if (heeded) {
      rows::refuse_change_of_address(session, before, server, *heeded, limits(), now(), all_the_same);
      rows::refuse_change_of_bmc(session, before, server, all_the_same);
    }
    rows::refuse_taken(session, server, seen);
    rows::update_server(session, server);
    changed.server(name.text());
    return state(rows::require_server(session, name), rows::current_lease(session, name.text()));
  });
}

ServerState Store::put_bmc(const ServerName& name, const std::optional<BmcEndpoint>& bmc) {
  return change_server(name, [&bmc](Server& server) { server.bmc = bmc; }).value();
}

void Store::heed(soci::session& session, const ServerName& name, const std::optional<AgentRules>& rules) const {
  if (!rules) return;
  rows::refuse_while_in_session(
      session, name.text(), *rules, limits(), now(),
      "With force the boot mode is set all the same, and the session goes on without a lease.");
}

bool Store::remove_server(const ServerName& name, std::optional<long long> expected,
                          const std::optional<AgentRules>& heeded, bool force) {
  return database_->write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, name);
    if (expected && *expected != rows::require_server(session, name).version) return false;
    constexpr auto all_the_same = "With force the server is forgotten all the same, and goes on as it is.";
    if (heeded && !force) {
      rows::refuse_while_in_session(session, name.text(), *heeded, limits(), now(), all_the_same);
      rows::refuse_while_at_bmc(session, name.text(), all_the_same);
    }
    if (!force && mode_at(rows::current_lease(session, name.text()), limits(), now()) != BootMode::disk) {
      throw Error(ErrorCode::conflict, fmt::format("the server '{}' is set to boot a rescue system", name.text()),
                  fmt::format("End that first: netbootctl boot-mode set {} disk", name.text()));
    }
    for (const auto* const statement :
         {"DELETE FROM tokens WHERE server = :name", "DELETE FROM boot_tokens WHERE server = :name",
          "DELETE FROM sessions WHERE server = :name", "DELETE FROM tasks WHERE server = :name",
          "DELETE FROM bmcs WHERE server = :name",
          "DELETE FROM rescue_requests WHERE lease IN (SELECT id FROM leases WHERE server = :name)",
          "DELETE FROM leases WHERE server = :name", "DELETE FROM server_macs WHERE server = :name",
          "DELETE FROM server_tags WHERE server = :name", "DELETE FROM servers WHERE name = :name"}) {
      session << statement, soci::use(name.text());
    }
    changed.server(name.text());
    return true;
  });
}

ServerState Store::grant_lease(const ServerName& name, const LeaseRequest& request) {
  return grant_lease(name, request, std::nullopt).value();
}

ServerState Store::end_lease(const ServerName& name, const std::string& ended_by) {
  return end_lease(name, ended_by, std::nullopt).value();
}

std::optional<ServerState> Store::grant_lease(const ServerName& name, const LeaseRequest& request,
                                              std::optional<long long> expected,
                                              const std::optional<AgentRules>& heeded) {
  return database_->write([&](soci::session& session, ChangeSet& changed) -> std::optional<ServerState> {
    rows::lock_server(session, name);
    auto found = state(rows::require_server(session, name), rows::current_lease(session, name.text()));
    if (expected && *expected != lease_version(found)) return std::nullopt;
    heed(session, name, heeded);
    auto lease = rows::grant_lease(session, name.text(), request, now());
    changed.server(name.text());
    return state(std::move(found.server), std::move(lease));
  });
}

std::optional<ServerState> Store::end_lease(const ServerName& name, const std::string& ended_by,
                                            std::optional<long long> expected,
                                            const std::optional<AgentRules>& heeded) {
  return database_->write([&](soci::session& session, ChangeSet& changed) -> std::optional<ServerState> {
    rows::lock_server(session, name);
    auto found = state(rows::require_server(session, name), rows::current_lease(session, name.text()));
    if (expected && *expected != lease_version(found)) return std::nullopt;
    heed(session, name, heeded);
    rows::end_current_lease(session, name.text(), now(), ended_by);
    changed.server(name.text());
    return state(std::move(found.server), std::nullopt);
  });
}

ServerState Store::end_lease(const ServerName& name, long long lease, const std::string& ended_by) {
  return database_->write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, name);
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
  return database_->write([&](soci::session& session, ChangeSet& changed) -> std::optional<ServerState> {
    if (!rows::find_server(session, name.text())) return std::nullopt;
    rows::lock_server(session, name);
    auto current = look(session);
    if (!current || current->mode == BootMode::disk) return current;
    current->lease = after_boot(current->lease.value(), limits(), now());
    update_boots(session, current->server.name.text(), *current->lease);
    changed.server(current->server.name.text());
    return current;
  });
}

}  // namespace rescue::netboot
