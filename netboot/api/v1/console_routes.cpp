// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket.hpp"
#include "core/log.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/console_representation.hpp"
#include "netboot/api/v1/server_representation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::api {
namespace {

http::Response make_console(Services& services, Consoles& consoles, const http::Request& request,
                            const Caller& caller) {
  const auto server = named(request);
  const auto wanted = wanted_console_from(request.body);
  const auto made = consoles.make(server, wanted.role, wanted.ttl, caller.label);
  log::info("console c-{} of {} made by {}, to {}", made.pass.id, server.text(), caller.label, name_of(made.pass.role));
  auto body = console_pass_json(made.pass, services.now());
  body["pass"] = made.secret.reveal();
  body["url"] = fmt::format("/console/{}#{}", server.text(), made.secret.reveal());
  auto response = reply(201, body);
  response.headers.emplace_back("Location", fmt::format("/v1/consoles/c-{}", made.pass.id));
  wipe(body["pass"].get_ref<std::string&>());
  wipe(body["url"].get_ref<std::string&>());
  return response;
}

http::Response list_consoles(Services& services, Consoles& consoles, const http::Request& request) {
  const auto listed = consoles.of_server(named(request));
  nlohmann::json body{{"passes", nlohmann::json::array()}, {"viewers", nlohmann::json::array()}};
  for (const auto& pass : listed.passes) body["passes"].push_back(console_pass_json(pass, services.now()));
  for (const auto& viewer : listed.viewers) body["viewers"].push_back(console_viewer_json(viewer));
  return reply(200, body);
}

http::Response revoke_console(Consoles& consoles, const http::Request& request, const Caller& caller) {
  const auto id = console_id_of(request.parameters.at("id"));
  const auto pass = consoles.find(id);
  if (!caller.scope.holds(pass.server)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no console c-{}", id),
                "'netbootctl console list SERVER' shows those of a server.");
  }
  consoles.revoke(id, caller.label);
  log::info("console c-{} of {} revoked by {}", id, pass.server.text(), caller.label);
  http::Response response;
  response.status = 204;
  return response;
}

http::Response open_console(ConsoleRelay& relay, const http::Request& request, const Acting& visitor) {
  constexpr unsigned gone = 410;
  const auto proof = console_proof_from(request);
  try {
    return http::accept_websocket(proof.is_pass ? relay.open(proof.text.reveal(), visitor)
                                                : relay.resume(proof.text.reveal(), visitor));
  } catch (const ConsoleGone& error) {
    return http::problem(report_of(error), gone);
  }
}

ConsoleRelay& required_relay(ConsoleRelay* relay) {
  if (relay != nullptr) return *relay;
  throw Error(ErrorCode::unavailable, "this netbootd has no consoles");
}

}  // namespace

void add_console_routes(Gate& gate, const SharedServices& services, const ApiOptions& options) {
  auto* const relay = options.consoles;
  gate.add("POST", "/v1/servers/{name}/consoles", [services, relay](const auto& request, const auto& caller) {
    return make_console(*services, required_relay(relay).passes(), request, caller);
  });
  gate.add("GET", "/v1/servers/{name}/consoles", [services, relay](const auto& request, const auto&) {
    return list_consoles(*services, required_relay(relay).passes(), request);
  });
  gate.add("DELETE", "/v1/consoles/{id}", [relay](const auto& request, const auto& caller) {
    return revoke_console(required_relay(relay).passes(), request, caller);
  });
  gate.add_websocket_for_customers("/v1/console", [relay](const auto& request, const auto& visitor) {
    return open_console(required_relay(relay), request, visitor);
  });
  gate.add_websocket("/v1/agent/consoles", [relay](const auto& request, const auto& caller) {
    require_subprotocol(request, "rescue-consoles");
    return http::accept_websocket(required_relay(relay).list_for(caller.server.value(), caller.session));
  });
  gate.add_websocket("/v1/agent/console/{id}", [relay](const auto& request, const auto& caller) {
    require_subprotocol(request, "rescue-console");
    return http::accept_websocket(
        required_relay(relay).host_side(caller.server.value(), caller.session, request.parameters.at("id")));
  });
}

}  // namespace rescue::netboot::api
