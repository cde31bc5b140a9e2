// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/preconditions.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/pages.hpp"
#include "netboot/api/v1/representation.hpp"
#include "netboot/api/v1/server_representation.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot::api {
namespace {

http::Response answer(const http::Request& request, const Services& services, const ServerState& state) {
  return with_etag(request, lease_version(state), reply(200, boot_mode_json(state, services.limits(), services.now())));
}

http::Response set(Services& services, const http::Request& request, const Caller& caller, const ApiOptions& options) {
  const auto name = named(request);
  auto change = boot_mode_change_from(request.body, options.longest_lease_ttl, options.catalogue);
  const auto expected = expected_version(request, [&] { return lease_version(services.servers.state(name)); });
  change.force = change.force || (caller.role != Role::agent && is_forced(request));
  const auto state = services.boot_modes.set(name, change, caller, expected);
  if (!state) return changed_meanwhile("the boot mode of '" + name.text() + "'");
  return answer(request, services, *state);
}

}  // namespace

void add_boot_mode_routes(Gate& gate, const SharedServices& services, const ApiOptions& options) {
  gate.add("GET", "/v1/boot-modes",
           [options](const auto&, const auto&) { return reply(200, boot_modes_json(options.catalogue)); });
  constexpr auto path = "/v1/servers/{name}/boot-mode";
  gate.add("GET", path, [services](const auto& request, const auto&) {
    return answer(request, *services, services->servers.state(named(request)));
  });
  gate.add("PUT", path, [services, options](const auto& request, const auto& caller) {
    return set(*services, request, caller, options);
  });
}

}  // namespace rescue::netboot::api
