// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/representation.hpp"
#include "netboot/api/routes.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

http::Response answer(const Store& store, const ServerState& state) {
  return reply(200, boot_mode_json(state, store.limits(), store.now()));
}

http::Response set_disk(Store& store, const ServerName& name, const Caller& caller, Sessions& sessions) {
  // A session speaks for its own lease: what it says late must not end the next one.
  const auto agent = caller.session.empty() ? std::nullopt : sessions.find(caller.session);
  const auto state = agent ? store.end_lease(name, agent->lease, caller.label) : store.end_lease(name, caller.label);
  log::info("boot mode of {} is disk, by {}", name.text(), caller.label);
  return answer(store, state);
}

http::Response set_rescue(Store& store, const ServerName& name, const BootModeChange& change, const Caller& caller,
                          const ApiOptions& options) {
  if (caller.role == Role::agent) {
    throw Error(ErrorCode::denied, fmt::format("the {} may set the boot mode to disk only", caller.label));
  }
  if (!options.rescue_windows) {
    throw Error(ErrorCode::precondition, "this netbootd has nothing to boot for rescue-windows",
                "Set boot.rescue-windows.base_url in netbootd.yaml.");
  }
  const auto& terms = change.terms;
  LeaseRequest request{change.mode, terms.policy, terms.time_to_live.value_or(options.lease_ttl), caller.label,
                       terms.reason};
  const auto state = store.grant_lease(name, request);
  log::info("boot mode of {} is {} until {}, by {}", name.text(), name_of(change.mode),
            rfc3339(state.lease.value().expires), caller.label);
  return answer(store, state);
}

}  // namespace

void add_boot_mode_routes(Gate& gate, Store& store, const SharedSessions& sessions, const SharedBootBook& book,
                          const ApiOptions& options) {
  constexpr auto path = "/v1/servers/{name}/boot-mode";
  gate.add("GET", path, [&store](const auto& request, const auto&) {
    return answer(store, store.server(ServerName::parse(request.parameters.at("name"))));
  });
  gate.add("PUT", path, [&store, sessions, book, options](const auto& request, const auto& caller) {
    const auto name = ServerName::parse(request.parameters.at("name"));
    const auto change = boot_mode_change_from(request.body, options.longest_lease_ttl);
    auto response = change.mode == BootMode::disk ? set_disk(store, name, caller, *sessions)
                                                  : set_rescue(store, name, change, caller, options);
    book->learn(name);
    return response;
  });
}

}  // namespace rescue::netboot::api
