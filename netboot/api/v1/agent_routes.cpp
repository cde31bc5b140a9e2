// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/agent_representation.hpp"
#include "netboot/api/v1/server_representation.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot::api {
namespace {

http::Response redeem(Services& services, const http::Request& request, const std::string& links_url) {
  auto token = bearer_token(request);
  if (!token) return without_token();
  try {
    services.host_agents.check_boot_token(*token, address_of(request));
    const auto agent_hash = agent_hash_from(request.body);
    const auto redeemed = services.host_agents.redeem(*token, agent_hash);
    wipe(*token);
    return reply(201, redeemed_json(redeemed, services.sessions.rules(), links_url));
  } catch (const Error& error) {
    wipe(*token);
    log::warning("a boot token was refused to {}: {}", request.peer, report_of(error).one_line());
    if (error.code() == ErrorCode::not_found) return with_unknown_token();
    throw;
  }
}

http::Response heartbeat(Services& services, const http::Request& request, const Caller& caller) {
  const auto heard = services.host_agents.report(caller.session, report_from(request.body));
  return reply(200, heartbeat_json(heard, services.limits(), services.now()));
}

http::Response no_content() {
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace

void add_agent_routes(Gate& gate, const SharedServices& services, const ApiOptions& options) {
  gate.add_open("POST", "/v1/agent/redeem",
                [services, url = options.links_url](const auto& request) { return redeem(*services, request, url); });
  gate.add("POST", "/v1/agent/heartbeat",
           [services](const auto& request, const auto& caller) { return heartbeat(*services, request, caller); });
  gate.add("DELETE", "/v1/servers/{name}/agent-token", [services](const auto& request, const auto& caller) {
    services->host_agents.revoke_all(named(request), caller.label);
    return no_content();
  });
  gate.add("PUT", "/v1/agent/credentials", [services](const auto& request, const auto& caller) {
    services->host_agents.keep_credentials(caller.session, credentials_from(request.body));
    return no_content();
  });
}

}  // namespace rescue::netboot::api
