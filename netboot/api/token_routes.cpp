// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/token_representation.hpp"

namespace rescue::netboot::api {
namespace {

http::Response create(Store& store, const http::Request& request, const Caller& caller) {
  auto wanted = token_from(request.body, store.now());
  wanted.created_by = caller.label;
  const auto issued = Tokens(store).issue(wanted);
  log::info("token k-{} ({}, {}) made by {}", issued.facts.id, wanted.name, name_of(wanted.role), caller.label);
  auto body = token_json(issued.facts, store.now());
  auto id = body["id"].get<std::string>();
  body["token"] = issued.token.reveal();
  auto response = reply(201, body);
  wipe(body["token"].get_ref<std::string&>());
  response.headers.emplace_back("Location", "/v1/tokens/" + id);
  return response;
}

http::Response list(Store& store) {
  auto listed = nlohmann::json::array();
  for (const auto& token : Tokens(store).all()) listed.push_back(token_json(token, store.now()));
  return reply(200, {{"tokens", listed}});
}

http::Response show(Store& store, const http::Request& request) {
  const auto token = Tokens(store).find(token_id_of(request.parameters.at("id")));
  return reply(200, token_json(token, store.now()));
}

http::Response revoke(Store& store, const http::Request& request, const Caller& caller) {
  const auto id = token_id_of(request.parameters.at("id"));
  Tokens(store).revoke(id, caller.label);
  log::info("token k-{} revoked by {}", id, caller.label);
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace

void add_token_routes(Gate& gate, Store& store) {
  gate.add("POST", "/v1/tokens",
           [&store](const auto& request, const auto& caller) { return create(store, request, caller); });
  gate.add("GET", "/v1/tokens", [&store](const auto&, const auto&) { return list(store); });
  gate.add("GET", "/v1/tokens/{id}", [&store](const auto& request, const auto&) { return show(store, request); });
  gate.add("DELETE", "/v1/tokens/{id}",
           [&store](const auto& request, const auto& caller) { return revoke(store, request, caller); });
}

}  // namespace rescue::netboot::api
