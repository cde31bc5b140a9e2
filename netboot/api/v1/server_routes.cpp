// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/client.hpp"
#include "core/log.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/preconditions.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/pages.hpp"
#include "netboot/api/v1/server_representation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

std::string known_mode(const std::string& name, const Catalogue& catalogue) {
  const auto names = catalogue.names();
  if (std::find(names.begin(), names.end(), name) != names.end()) return name;
  const auto [problem, hint] = unknown_mode(catalogue, name);
  throw Error(ErrorCode::usage, "the query's mode " + problem, hint);
}

/// The text to find. Throws `usage` for anything but printable ASCII: the columns hold nothing else.
std::string search_text(const http::Request& request) {
  auto text = parameter(request, "q");
  constexpr std::size_t longest = 100;
  const bool fits =
      text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (fits) return text;
  throw Error(ErrorCode::usage, "the query's q must be 100 printable ASCII characters at most");
}

http::Response list(Services& services, const http::Request& request, const Caller& caller,
                    const Catalogue& catalogue) {
  require_known(request, {"q", "mode", "tag", "limit", "cursor"});
  ServerQuery query;
  query.text = search_text(request);
  if (const auto mode = parameter(request, "mode"); !mode.empty()) {
    query.mode = known_mode(mode, catalogue);
  }
  if (const auto tag = parameter(request, "tag"); !tag.empty()) query.tag = canonical_tag(tag);
  if (const auto after = page_start(request); !after.empty()) query.after = ServerName::parse(after).text();
  query.limit = page_limit(request);
  query.only = caller.scope.servers;
  const auto found = services.servers.find(query);
  auto servers = nlohmann::json::array();
  for (const auto& state : found.servers) servers.push_back(server_json(state));
  return page(request, "servers", std::move(servers),
              found.is_last ? std::string{} : found.servers.back().server.name.text());
}

http::Response create(Services& services, const http::Request& request, const Caller& caller) {
  auto [server, bmc] = server_from(request.body, services.now());
  require_may_add(caller, server.name, bmc.has_value());
  if (bmc) server.bmc = services.power.sealed(*bmc);
  services.servers.add(server, caller.scope);
  log::info("server {} added by {}", server.name.text(), caller.label);
  const auto state = services.servers.state(server.name);
  auto response = with_etag(request, state.server.version, reply(201, server_json(state)));
  response.headers.emplace_back("Location", "/v1/servers/" + http::percent_encode(server.name.text()));
  return response;
}

std::optional<long long> expected_of(Services& services, const http::Request& request, const ServerName& name) {
  return expected_version(request, [&] { return services.servers.state(name).server.version; });
}

http::Response answer(const http::Request& request, const ServerState& state) {
  return with_etag(request, state.server.version, reply(200, server_json(state)));
}

/// The rules by which a live session or a running task blocks a change; none with force=true.
std::optional<AgentRules> heeded_rules(const http::Request& request, const ApiOptions& options) {
  return is_forced(request) ? std::nullopt : std::optional(options.agent_rules);
}

http::Response change(Services& services, const http::Request& request, const Caller& caller,
                      const ApiOptions& options) {
  const auto name = named(request);
  const auto patch = server_patch_from(request.body);
  const auto state = services.servers.change(
      name,
      [&](Server& server) {
        const auto before = server;
        patch.apply_to(server);
        require_may_identify(caller, before, server);
      },
      expected_of(services, request, name), caller.scope, heeded_rules(request, options));
  if (!state) return changed_meanwhile("the server '" + name.text() + "'");
  log::info("server {} changed by {}", name.text(), caller.label);
  return answer(request, *state);
}

http::Response set_bmc(Services& services, const http::Request& request, const Caller& caller,
                       const ApiOptions& options) {
  const auto name = named(request);
  (void)services.servers.state(name);  // checked before a key file is created
  const auto bmc = services.power.sealed(bmc_from(request.body));
  const auto state = services.servers.change(
      name, [&bmc](Server& server) { server.bmc = bmc; }, expected_of(services, request, name), caller.scope,
      heeded_rules(request, options));
  if (!state) return changed_meanwhile("the server '" + name.text() + "'");
  log::info("BMC of {} set by {}", name.text(), caller.label);
  return answer(request, *state);
}

http::Response remove_bmc(Services& services, const http::Request& request, const Caller& caller,
                          const ApiOptions& options) {
  const auto name = named(request);
  const auto state = services.servers.change(
      name, [](Server& server) { server.bmc.reset(); }, expected_of(services, request, name), caller.scope,
      heeded_rules(request, options));
  if (!state) return changed_meanwhile("the server '" + name.text() + "'");
  log::info("BMC of {} removed by {}", name.text(), caller.label);
  http::Response response;
  response.status = 204;
  return response;
}

http::Response remove(Services& services, const http::Request& request, const Caller& caller,
                      const ApiOptions& options) {
  const auto name = named(request);
  const auto expected = expected_of(services, request, name);
  if (!services.servers.remove(name, expected, options.agent_rules, is_forced(request))) {
    return changed_meanwhile("the server '" + name.text() + "'");
  }
  log::info("server {} removed by {}", name.text(), caller.label);
  http::Response response;
  response.status = 204;
  return response;
}

http::Response issue_agent_token(Services& services, const http::Request& request, const Caller& caller) {
  const auto name = named(request);
  const auto token = services.tokens.issue_agent_token(name);
  log::info("new token for the agent of {}, by {}", name.text(), caller.label);
  nlohmann::json body{{"server", name.text()}, {"token", token.reveal()}};
  auto response = reply(201, body);
  wipe(body["token"].get_ref<std::string&>());
  return response;
}

}  // namespace

void add_server_routes(Gate& gate, const SharedServices& services, const ApiOptions& options) {
  gate.add("GET", "/v1/servers", [services, catalogue = options.catalogue](const auto& request, const auto& caller) {
    return list(*services, request, caller, catalogue);
  });
  gate.add("POST", "/v1/servers",
           [services](const auto& request, const auto& caller) { return create(*services, request, caller); });
  constexpr auto bmc_path = "/v1/servers/{name}/bmc";
  gate.add("PUT", bmc_path, [services, options](const auto& request, const auto& caller) {
    return set_bmc(*services, request, caller, options);
  });
  gate.add("DELETE", bmc_path, [services, options](const auto& request, const auto& caller) {
    return remove_bmc(*services, request, caller, options);
  });
  gate.add("GET", "/v1/servers/{name}", [services](const auto& request, const auto&) {
    return answer(request, services->servers.state(named(request)));
  });
  gate.add("PATCH", "/v1/servers/{name}", [services, options](const auto& request, const auto& caller) {
    return change(*services, request, caller, options);
  });
  gate.add("DELETE", "/v1/servers/{name}", [services, options](const auto& request, const auto& caller) {
    return remove(*services, request, caller, options);
  });
  gate.add("POST", "/v1/servers/{name}/agent-token", [services](const auto& request, const auto& caller) {
    return issue_agent_token(*services, request, caller);
  });
}

}  // namespace rescue::netboot::api
