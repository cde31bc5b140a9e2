// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/token_representation.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot::api {
namespace {

http::Response create_token(Services& services, const http::Request& request, const Caller& caller) {
  auto wanted = token_from(request.body, services.now());
  wanted.created_by = caller.label;
  const auto issued = services.tokens.issue(wanted);
  log::info("token k-{} ({}, {}) made by {}", issued.facts.id, wanted.name, name_of(wanted.role), caller.label);
  auto body = token_json(issued.facts, services.now());
  auto id = body["id"].get<std::string>();
  body["token"] = issued.token.reveal();
  auto response = reply(201, body);
  wipe(body["token"].get_ref<std::string&>());
  response.headers.emplace_back("Location", "/v1/tokens/" + id);
  return response;
}

http::Response list(Services& services) {
  auto listed = nlohmann::json::array();
  for (const auto& token : services.tokens.all()) listed.push_back(token_json(token, services.now()));
  return reply(200, {{"tokens", listed}});
}

http::Response show(Services& services, const http::Request& request) {
  const auto token = services.tokens.find(token_id_of(request.parameters.at("id")));
  return reply(200, token_json(token, services.now()));
}

http::Response revoke(Services& services, const http::Request& request, const Caller& caller) {
  const auto id = token_id_of(request.parameters.at("id"));
  services.tokens.revoke(id, caller.label);
  log::info("token k-{} revoked by {}", id, caller.label);
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace

void add_token_routes(Gate& gate, const SharedServices& services) {
  gate.add("POST", "/v1/tokens",
           [services](const auto& request, const auto& caller) { return create_token(*services, request, caller); });
  gate.add("GET", "/v1/tokens", [services](const auto&, const auto&) { return list(*services); });
  gate.add("GET", "/v1/tokens/{id}", [services](const auto& request, const auto&) { return show(*services, request); });
  gate.add("DELETE", "/v1/tokens/{id}",
           [services](const auto& request, const auto& caller) { return revoke(*services, request, caller); });
}

}  // namespace rescue::netboot::api
