// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/pages.hpp"
#include "netboot/api/preconditions.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/representation.hpp"
#include "netboot/api/routes.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

http::Response answer(const http::Request& request, const Store& store, const ServerState& state) {
  return with_etag(request, lease_version(state), reply(200, boot_mode_json(state, store.limits(), store.now())));
}

/// None: somebody else was faster.
std::optional<ServerState> set_disk(Store& store, const ServerName& name, const Caller& caller, Sessions& sessions,
                                    std::optional<long long> expected, const std::optional<AgentRules>& heeded) {
  // A session speaks for its own lease: what it says late must not end the next one.
  const auto agent = caller.session.empty() ? std::nullopt : sessions.find(caller.session);
  auto state =
      agent ? store.end_lease(name, agent->lease, caller.label) : store.end_lease(name, caller.label, expected, heeded);
  if (state) log::info("boot mode of {} is disk, by {}", name.text(), caller.label);
  return state;
}

std::optional<ServerState> set_lease(Store& store, const ServerName& name, const BootModeChange& change,
                                     const Caller& caller, const ApiOptions& options, std::optional<long long> expected,
                                     const std::optional<AgentRules>& heeded) {
  if (caller.role == Role::agent) {
    throw Error(ErrorCode::denied, fmt::format("the {} may set the boot mode to disk only", caller.label));
  }
  const auto& choice = require_available(options.catalogue, change.mode);
  const auto& terms = change.terms;
  LeaseRequest request{change.mode, terms.policy, terms.time_to_live.value_or(options.lease_ttl), caller.label,
                       terms.reason};
  request.has_agent = choice.has_agent;
  auto state = store.grant_lease(name, request, expected, heeded);
  if (state) {
    log::info("boot mode of {} is {} until {}, by {}", name.text(), change.mode.name(),
              rfc3339(state->lease.value().expires), caller.label);
  }
  return state;
}

}  // namespace

void add_boot_mode_routes(Gate& gate, Store& store, const SharedSessions& sessions, const SharedBootBook& book,
                          const ApiOptions& options) {
  gate.add("GET", "/v1/boot-modes",
           [options](const auto&, const auto&) { return reply(200, boot_modes_json(options.catalogue)); });
  constexpr auto path = "/v1/servers/{name}/boot-mode";
  gate.add("GET", path, [&store](const auto& request, const auto&) {
    return answer(request, store, store.server(ServerName::parse(request.parameters.at("name"))));
  });
  gate.add("PUT", path, [&store, sessions, book, options](const auto& request, const auto& caller) {
    const auto name = ServerName::parse(request.parameters.at("name"));
    const auto change = boot_mode_change_from(request.body, options.longest_lease_ttl, options.catalogue);
    const auto expected = expected_version(request, [&] { return lease_version(store.server(name)); });
    // A host that says it is through knows what it does.
    const bool is_free = caller.role == Role::agent || change.force || is_forced(request);
    const auto heeded = is_free ? std::nullopt : std::optional(options.agent_rules);
    const auto state = change.mode == BootMode::disk
                           ? set_disk(store, name, caller, *sessions, expected, heeded)
                           : set_lease(store, name, change, caller, options, expected, heeded);
    if (!state) return changed_meanwhile("the boot mode of '" + name.text() + "'");
    book->learn(name);
    return answer(request, store, *state);
  });
}

}  // namespace rescue::netboot::api
