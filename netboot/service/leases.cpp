// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/leases.hpp"

#include "core/error.hpp"
#include "netboot/service/session_guard.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/lease_rows.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/session_rows.hpp"

#include <fmt/format.h>

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

/// Throws `conflict`.
void require_extendable(soci::session& session, const ServerName& name, const std::optional<Lease>& lease,
                        const AgentRules& rules, WallTime now) {
  if (!lease) {
    throw Error(ErrorCode::conflict, fmt::format("{} boots its disk: there is no lease to extend", name.text()),
                "Start a rescue: netbootctl rescue start.");
  }
  if (now < lease->expires) return;
  const auto agent = rows::session_of_lease(session, lease->id);
  if (agent && is_alive(*agent, rules, now)) return;
  throw Error(ErrorCode::conflict, fmt::format("the lease of {} ended at {}", name.text(), rfc3339(lease->expires)),
              "Start a rescue again: netbootctl rescue start.");
}

/// Throws `usage`. In whole milliseconds, as the database has it.
WallTime end_of(const LeaseExtension& extension, WallTime now) {
  const auto until = std::chrono::floor<Milliseconds>(
      extension.until.value_or(now + extension.time_to_live.value_or(Milliseconds(0))));
  if (until <= now + extension.longest) return until;
  throw Error(ErrorCode::usage,
              fmt::format("{} is further away than the {} minutes that lease.longest_ttl allows", rfc3339(until),
                          std::chrono::duration_cast<std::chrono::minutes>(extension.longest).count()),
              "Extend again later.");
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

ServerState Leases::extend(const ServerName& name, const LeaseExtension& extension, const AgentRules& rules) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, name);
    auto server = rows::require_server(session, name);
    auto lease = rows::current_lease(session, name.text());
    const auto now = store_.now();
    require_extendable(session, name, lease, rules, now);
    const auto until = end_of(extension, now);
    if (until < lease->expires) {
      throw Error(
          ErrorCode::conflict,
          fmt::format("the lease of {} ends at {} already, which is later", name.text(), rfc3339(lease->expires)),
          "Finish the rescue to end it earlier: netbootctl rescue finish.");
    }
    if (until > lease->expires) {
      lease->expires = until;
      rows::update_end(session, lease->id, until);
      changed.server(name.text());
    }
    return state(std::move(server), std::move(lease));
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
