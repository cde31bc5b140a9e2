// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/client.hpp"
#include "core/log.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/representation.hpp"
#include "netboot/api/routes.hpp"

namespace rescue::netboot::api {
namespace {

http::Response list(Store& store) {
  auto servers = nlohmann::json::array();
  for (const auto& state : store.servers()) servers.push_back(server_json(state));
  return reply(200, {{"servers", servers}});
}

/// What came with the password in it, ready to be kept.
BmcEndpoint sealed(NewBmc bmc, const ApiOptions& options) {
  if (options.bmcs == nullptr) throw Error(ErrorCode::precondition, "this netbootd speaks with no BMC");
  bmc.endpoint.sealed_password = options.bmcs->keys().seal(bmc.password);
  return bmc.endpoint;
}

http::Response create(Store& store, const http::Request& request, const Caller& caller, const ApiOptions& options) {
  auto [server, bmc] = server_from(request.body, store.now());
  if (bmc) server.bmc = sealed(std::move(*bmc), options);
  store.add_server(server);
  log::info("server {} added by {}", server.name.text(), caller.label);
  auto response = reply(201, server_json(store.server(server.name)));
  response.headers.emplace_back("Location", "/v1/servers/" + http::percent_encode(server.name.text()));
  return response;
}

ServerName named(const http::Request& request) { return ServerName::parse(request.parameters.at("name")); }

http::Response set_bmc(Store& store, const http::Request& request, const Caller& caller, const ApiOptions& options) {
  const auto name = named(request);
  (void)store.server(name);  // before a key is made for nothing
  const auto state = store.put_bmc(name, sealed(bmc_from(request.body), options));
  log::info("BMC of {} set by {}", name.text(), caller.label);
  return reply(200, server_json(state));
}

http::Response remove_bmc(Store& store, const http::Request& request, const Caller& caller) {
  const auto name = named(request);
  (void)store.put_bmc(name, std::nullopt);
  log::info("BMC of {} removed by {}", name.text(), caller.label);
  http::Response response;
  response.status = 204;
  return response;
}

http::Response remove(Store& store, const http::Request& request, const Caller& caller) {
  const auto name = named(request);
  store.remove_server(name);
  log::info("server {} removed by {}", name.text(), caller.label);
  http::Response response;
  response.status = 204;
  return response;
}

http::Response issue_agent_token(Store& store, const http::Request& request, const Caller& caller) {
  const auto name = named(request);
  const auto token = store.issue_agent_token(name);
  log::info("new token for the agent of {}, by {}", name.text(), caller.label);
  nlohmann::json body{{"server", name.text()}, {"token", token.reveal()}};
  auto response = reply(201, body);
  wipe(body["token"].get_ref<std::string&>());
  return response;
}

}  // namespace

void add_server_routes(http::Router& router, Store& store, const ApiOptions& options) {
  router.add("GET", "/v1/servers", for_admin(store, [&store](const auto&, const auto&) { return list(store); }));
  router.add("POST", "/v1/servers", for_admin(store, [&store, options](const auto& request, const auto& caller) {
               return create(store, request, caller, options);
             }));
  constexpr auto bmc_path = "/v1/servers/{name}/bmc";
  router.add("PUT", bmc_path, for_admin(store, [&store, options](const auto& request, const auto& caller) {
               return set_bmc(store, request, caller, options);
             }));
  router.add("DELETE", bmc_path, for_admin(store, [&store](const auto& request, const auto& caller) {
               return remove_bmc(store, request, caller);
             }));
  router.add("GET", "/v1/servers/{name}", for_admin(store, [&store](const auto& request, const auto&) {
               return reply(200, server_json(store.server(named(request))));
             }));
  router.add("DELETE", "/v1/servers/{name}", for_admin(store, [&store](const auto& request, const auto& caller) {
               return remove(store, request, caller);
             }));
  router.add("POST", "/v1/servers/{name}/agent-token",
             for_admin(store, [&store](const auto& request, const auto& caller) {
               return issue_agent_token(store, request, caller);
             }));
}

}  // namespace rescue::netboot::api
