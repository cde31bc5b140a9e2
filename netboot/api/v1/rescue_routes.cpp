// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "contract/session.hpp"
#include "netboot/api/access.hpp"
#include "netboot/api/preconditions.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/agent_representation.hpp"
#include "netboot/api/v1/delivery_representation.hpp"
#include "netboot/api/v1/nullable.hpp"
#include "netboot/api/v1/representation.hpp"
#include "netboot/api/v1/server_representation.hpp"
#include "netboot/api/v1/task_representation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::api {
namespace {

/// Refuses a caller who may not collect credentials and asks for access by a key of their own, or by a link that opens
/// without the panel's code.
void require_no_access(const Caller& caller, const RescueRequest& request) {
  if (may(caller, Right::share)) return;
  const bool has_link = request.link && request.code != contract::CodePolicy::panel;
  if (request.ssh_keys.empty() && !has_link) return;
  throw Error(ErrorCode::denied,
              has_link ? "a link that opens without the panel's code can't be asked for with this token"
                       : "ssh_keys can't be asked for with this token: their owner could log in",
              fmt::format("Ask with a token of one of these roles: {}.", roles_that_may(Right::share)));
}

http::Response start(Services& services, const http::Request& request, const Caller& caller,
                     const ApiOptions& options) {
  const auto order = rescue_order_from(request.body, options.longest_lease_ttl);
  require_no_access(caller, order.rescue);
  return accepted(services.rescues.start(named(request), order, caller.label));
}

/// The session of an armed or booted server, before the first heartbeat.
nlohmann::json unheard_json(const ServerName& server) {
  return {{"server", server.text()},
          {"session", nullptr},
          {"phase", "booting"},
          {"steps", nlohmann::json::array()},
          {"connection", nullptr},
          {"last_heard_at", nullptr},
          {"alive", false},
          {"credentials", name_of(Delivery::none)},
          {"credentials_read_at", nullptr}};
}

http::Response show(Services& services, const ServerName& name) {
  const auto rescue = services.rescues.find(name);
  auto body =
      rescue.agent ? session_json(*rescue.agent, services.sessions.rules(), services.now()) : unheard_json(name);
  body["deliveries"] =
      rescue.agent ? deliveries_json(services.deliveries.of_session(rescue.agent->id)) : nlohmann::json::array();
  body["public_key"] = or_null(rescue.request.public_key);
  body["request_id"] = or_null(rescue.request.request_id);
  body["lease"] = boot_mode_json(rescue.state, services.limits(), services.now())["lease"];
  return reply(200, body);
}

FinishOrder finish_order_from(const http::Request& request) {
  FinishOrder order;
  for (const auto& [key, value] : request.query) {
    if (key == "then" && parse_word<contract::Ending>(value)) {
      order.then = value;
    } else if (key == "changes" && parse_word<contract::Changes>(value)) {
      order.changes = value;
    } else if (key == "force" && (value == "true" || value == "false")) {
      order.force = value == "true";
    } else {
      throw Error(ErrorCode::usage, fmt::format("'{}={}' is not known here", key, value),
                  "Write then=reboot, poweroff or stay; changes=keep or discard; and force=true.");
    }
  }
  return order;
}

http::Response finish(Services& services, const http::Request& request, const Caller& caller) {
  auto order = finish_order_from(request);
  order.requested_by = caller.label;
  return accepted(services.rescues.finish(named(request), order));
}

http::Response extend(Services& services, const http::Request& request, const Caller& caller,
                      const ApiOptions& options) {
  const auto extension = lease_extension_from(request.body, options.longest_lease_ttl);
  const auto state = services.rescues.extend(named(request), extension, caller.label);
  return with_etag(request, lease_version(state), reply(200, boot_mode_json(state, services.limits(), services.now())));
}

http::Response credentials(Services& services, const http::Request& request, const Caller& caller) {
  const auto name = named(request);
  const auto [agent, taken] = services.rescues.hand_out_credentials(name, caller.label);
  if (taken) {
    return reply(200, {{"server", name.text()},
                       {"session", agent.id},
                       {"sealed", taken->sealed},
                       {"connection", nlohmann::json::parse(taken->connection)}});
  }
  constexpr unsigned gone = 410;
  ErrorReport report;
  report.code = ErrorCode::not_found;
  report.message = fmt::format("the credentials were handed out at {}", rfc3339(agent.read.value_or(WallTime{})));
  report.hint = "They are handed out once. On the host, 'rescuectl credentials rotate' makes new ones.";
  return http::problem(report, gone);
}

}  // namespace

void add_rescue_routes(Gate& gate, const SharedServices& services, const ApiOptions& options) {
  constexpr auto path = "/v1/servers/{name}/rescue";
  gate.add("POST", path, [services, options](const auto& request, const auto& caller) {
    return start(*services, request, caller, options);
  });
  gate.add("GET", path, [services](const auto& request, const auto&) { return show(*services, named(request)); });
  gate.add("DELETE", path,
           [services](const auto& request, const auto& caller) { return finish(*services, request, caller); });
  gate.add("POST", "/v1/servers/{name}/rescue/reissue", [services](const auto& request, const auto& caller) {
    return accepted(services->rescues.reissue(named(request), caller.label));
  });
  gate.add("POST", "/v1/servers/{name}/rescue/extend", [services, options](const auto& request, const auto& caller) {
    return extend(*services, request, caller, options);
  });
  gate.add("POST", "/v1/servers/{name}/rescue/credentials",
           [services](const auto& request, const auto& caller) { return credentials(*services, request, caller); });
}

}  // namespace rescue::netboot::api
