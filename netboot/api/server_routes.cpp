// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/client.hpp"
#include "core/log.hpp"
#include "netboot/api/access.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/representation.hpp"
#include "netboot/api/routes.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

http::Response list(Store& store, const Caller& caller) {
  auto servers = nlohmann::json::array();
  for (const auto& state : store.servers()) {
    if (caller.scope.holds(state.server.name)) servers.push_back(server_json(state));
  }
  return reply(200, {{"servers", servers}});
}

/// What came with the password in it, ready to be kept.
BmcEndpoint sealed(NewBmc bmc, const ApiOptions& options) {
  if (options.bmcs == nullptr) throw Error(ErrorCode::precondition, "this netbootd speaks with no BMC");
  bmc.endpoint.sealed_password = options.bmcs->keys().seal(bmc.password);
  return bmc.endpoint;
}

void require_may_add(const Caller& caller, const Server& server, bool with_bmc) {
  if (!caller.scope.holds(server.name)) {
    throw Error(ErrorCode::denied, fmt::format("the {} is bound to other servers", describe(caller)));
  }
  if (with_bmc && !may(caller.role, Right::administer)) {
    throw Error(ErrorCode::denied, fmt::format("the {} may not tell BMCs", describe(caller)),
                "Add the server without one; an admin tells its BMC.");
  }
}

http::Response create(Store& store, const http::Request& request, const Caller& caller, const ApiOptions& options) {
  auto [server, bmc] = server_from(request.body, store.now());
  require_may_add(caller, server, bmc.has_value());
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

void add_server_routes(Gate& gate, Store& store, const ApiOptions& options) {
  gate.add("GET", "/v1/servers", [&store](const auto&, const auto& caller) { return list(store, caller); });
  gate.add("POST", "/v1/servers", [&store, options](const auto& request, const auto& caller) {
    return create(store, request, caller, options);
  });
  constexpr auto bmc_path = "/v1/servers/{name}/bmc";
  gate.add("PUT", bmc_path, [&store, options](const auto& request, const auto& caller) {
    return set_bmc(store, request, caller, options);
  });
  gate.add("DELETE", bmc_path,
           [&store](const auto& request, const auto& caller) { return remove_bmc(store, request, caller); });
  gate.add("GET", "/v1/servers/{name}", [&store](const auto& request, const auto&) {
    return reply(200, server_json(store.server(named(request))));
  });
  gate.add("DELETE", "/v1/servers/{name}",
           [&store](const auto& request, const auto& caller) { return remove(store, request, caller); });
  gate.add("POST", "/v1/servers/{name}/agent-token",
           [&store](const auto& request, const auto& caller) { return issue_agent_token(store, request, caller); });
}

}  // namespace rescue::netboot::api
