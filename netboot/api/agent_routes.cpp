// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/agent_representation.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"

namespace rescue::netboot::api {
namespace {

http::Response redeem(Sessions& sessions, const http::Request& request) {
  auto token = bearer_token(request);
  if (!token) return without_token();
  try {
    sessions.check_boot_token(*token, address_of(request));
    const auto agent_hash = agent_hash_from(request.body);
    const auto redeemed = sessions.redeem(*token, agent_hash);
    wipe(*token);
    log::info("the rescue system of {} is up: session {}", redeemed.session.server.text(), redeemed.session.id);
    return reply(201, redeemed_json(redeemed, sessions.rules()));
  } catch (const Error& error) {
    wipe(*token);
    log::warning("a boot token was refused to {}: {}", request.peer, report_of(error).one_line());
    if (error.code() == ErrorCode::not_found) return with_unknown_token();
    throw;
  }
}

http::Response heartbeat(Store& store, Sessions& sessions, const http::Request& request, const Caller& caller,
                         const std::function<void()>& wake) {
  const auto heard = sessions.report(caller.session, report_from(request.body));
  if (heard.new_phase) {
    if (wake) wake();
    const auto& agent = heard.session;
    log::info("session {} of {}: {}", agent.id, agent.server.text(), agent.phase);
  }
  return reply(200, heartbeat_json(heard, store.limits(), store.now()));
}

http::Response keep_credentials(Sessions& sessions, const http::Request& request, const Caller& caller) {
  sessions.keep_credentials(caller.session, credentials_from(request.body));
  log::info("session {}: sealed credentials are here", caller.session);
  http::Response response;
  response.status = 204;
  return response;
}

/// The lease stays: who revokes after a theft may want the server to boot into its rescue again.
http::Response revoke(Sessions& sessions, const http::Request& request, const Caller& caller) {
  const auto server = ServerName::parse(request.parameters.at("name"));
  sessions.revoke_all(server, caller.label);
  log::info("whatever speaks for {} was revoked by {}", server.text(), caller.label);
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace

void add_agent_routes(Gate& gate, Store& store, const SharedSessions& sessions, const ApiOptions& options) {
  const auto wake = options.wake;
  gate.add_open("POST", "/v1/agent/redeem", [sessions, wake](const http::Request& request) {
    auto response = redeem(*sessions, request);
    if (wake) wake();
    return response;
  });
  gate.add("POST", "/v1/agent/heartbeat", [&store, sessions, wake](const auto& request, const auto& caller) {
    return heartbeat(store, *sessions, request, caller, wake);
  });
  gate.add("DELETE", "/v1/servers/{name}/agent-token", [sessions, wake](const auto& request, const auto& caller) {
    auto response = revoke(*sessions, request, caller);
    if (wake) wake();
    return response;
  });
  gate.add("PUT", "/v1/agent/credentials", [sessions](const auto& request, const auto& caller) {
    return keep_credentials(*sessions, request, caller);
  });
}

}  // namespace rescue::netboot::api
