// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/servers.hpp"

#include "core/error.hpp"
#include "netboot/service/session_guard.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/server_rows.hpp"

#include <fmt/format.h>

#include <utility>

namespace rescue::netboot {
namespace {

ServerState state_of(const Store& store, soci::session& session, const ServerName& name) {
  return state_at(rows::require_server(session, name), rows::current_lease(session, name.text()), store.limits(),
                  store.now());
}

}  // namespace

void Servers::add(const Server& server, const Scope& seen) {
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    if (rows::find_server(session, server.name.text())) {
      throw Error(ErrorCode::conflict, fmt::format("there is already a server '{}'", server.name.text()),
                  "Remove it first, or choose another name.");
    }
    rows::refuse_taken(session, server, seen);
    rows::insert_server(session, server);
    changed.new_server(server.name.text());
  });
}

ImportResult Servers::import_all(const std::vector<ServerChange>& changes, const ImportOptions& options) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    auto result = import_servers(session, changes, options, store_.limits(), store_.now());
    if (!result.problems.empty() || options.dry_run) return result;
    for (const auto& change : changes) changed.server(change.name.text());
    return result;
  });
}

ServerPage Servers::find(const ServerQuery& query) {
  return store_.database().read([&](soci::session& session) {
    auto wanted = query;
    ++wanted.limit;  // whether there is one more
    auto servers = rows::find_servers(session, wanted, store_.limits(), store_.now());
    ServerPage page{{}, servers.size() <= query.limit};
    if (!page.is_last) servers.pop_back();
    auto leases = rows::leases_of(session, servers);
    for (auto& server : servers) {
      const auto lease = leases.find(server.name.text());
      page.servers.push_back(state_at(std::move(server),
                                      lease == leases.end() ? std::nullopt : std::optional(lease->second),
                                      store_.limits(), store_.now()));
    }
    return page;
  });
}

ServerState Servers::state(const ServerName& name) {
  return store_.database().read([&](soci::session& session) { return state_of(store_, session, name); });
}

std::optional<ServerState> Servers::change(const ServerName& name, const std::function<void(Server&)>& change,
                                           std::optional<long long> expected, const Scope& seen,
                                           const std::optional<AgentRules>& heeded) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) -> std::optional<ServerState> {
    rows::lock_server(session, name);
    auto server = rows::require_server(session, name);
    if (expected && *expected != server.version) return std::nullopt;
    const auto before = server;
    change(server);
    constexpr auto all_the_same = "With force it is changed all the same.";
    if (heeded) {
      guard::refuse_change_of_address(session, before, server, *heeded, store_.limits(), store_.now(), all_the_same);
      guard::refuse_change_of_bmc(session, before, server, all_the_same);
    }
    rows::refuse_taken(session, server, seen);
    rows::update_server(session, server);
    changed.server(name.text());
    return state_of(store_, session, name);
  });
}

bool Servers::remove(const ServerName& name, std::optional<long long> expected, const std::optional<AgentRules>& heeded,
                     bool force) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, name);
    if (expected && *expected != rows::require_server(session, name).version) return false;
    constexpr auto all_the_same = "With force the server is forgotten all the same, and goes on as it is.";
    if (heeded && !force) {
      guard::refuse_while_in_session(session, name.text(), *heeded, store_.limits(), store_.now(), all_the_same);
      guard::refuse_while_at_bmc(session, name.text(), all_the_same);
    }
    if (!force && mode_at(rows::current_lease(session, name.text()), store_.limits(), store_.now()) != BootMode::disk) {
      throw Error(ErrorCode::conflict, fmt::format("the server '{}' is set to boot a rescue system", name.text()),
                  fmt::format("End that first: netbootctl boot-mode set {} disk", name.text()));
    }
    rows::delete_server(session, name.text());
    changed.server(name.text());
    return true;
  });
}

}  // namespace rescue::netboot
