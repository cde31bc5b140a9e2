// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/leases.hpp"

#include "netboot/service/session_guard.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"

#include <utility>

namespace rescue::netboot {
namespace {

void heed(const Store& store, soci::session& session, const ServerName& name, const std::optional<AgentRules>& rules) {
  if (!rules) return;
  guard::refuse_while_in_session(
      session, name.text(), *rules, store.limits(), store.now(),
      "With force the boot mode is set all the same, and the session goes on without a lease.");
}

/// The server's state, locked for a change; none when it is not the expected one. Throws as `heed`.
std::optional<ServerState> locked(Store& store, soci::session& session, const ServerName& name,
                                  std::optional<long long> expected, const std::optional<AgentRules>& heeded) {
  rows::lock_server(session, name);
  auto found = state_at(rows::require_server(session, name), rows::current_lease(session, name.text()), store.limits(),
                        store.now());
  if (expected && *expected != lease_version(found)) return std::nullopt;
  heed(store, session, name, heeded);
  return found;
}

}  // namespace

ServerState Leases::state(Server server, std::optional<Lease> lease) const {
  return state_at(std::move(server), std::move(lease), store_.limits(), store_.now());
}

std::optional<ServerState> Leases::grant(const ServerName& name, const LeaseRequest& request,
                                         std::optional<long long> expected, const std::optional<AgentRules>& heeded) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) -> std::optional<ServerState> {
    auto found = locked(store_, session, name, expected, heeded);
    if (!found) return std::nullopt;
    auto lease = rows::grant_lease(session, name.text(), request, store_.now());
    changed.server(name.text());
    return state(std::move(found->server), std::move(lease));
  });
}

std::optional<ServerState> Leases::end(const ServerName& name, const std::string& ended_by,
                                       std::optional<long long> expected, const std::optional<AgentRules>& heeded) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) -> std::optional<ServerState> {
    auto found = locked(store_, session, name, expected, heeded);
    if (!found) return std::nullopt;
    rows::end_current_lease(session, name.text(), store_.now(), ended_by);
    changed.server(name.text());
    return state(std::move(found->server), std::nullopt);
  });
}

ServerState Leases::end_lease(const ServerName& name, long long lease, const std::string& ended_by) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, name);
    auto server = rows::require_server(session, name);
    auto current = rows::current_lease(session, name.text());
    if (current && current->id == lease) {
      rows::end_current_lease(session, name.text(), store_.now(), ended_by);
      current.reset();
      changed.server(name.text());
    }
    return state(std::move(server), std::move(current));
  });
}

}  // namespace rescue::netboot
