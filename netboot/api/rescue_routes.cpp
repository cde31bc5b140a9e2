// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/agent_representation.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/representation.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/server_representation.hpp"
#include "netboot/api/task_representation.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

/// What can be known beforehand to be missing is said at once, and not by a task that fails later.
void require_bootable(const Server& server, const RescueOrder& order, const ApiOptions& options) {
  (void)require_available(options.catalogue, BootMode::rescue_windows);
  if (options.agent.url.empty()) {
    throw Error(ErrorCode::precondition, "this netbootd could not hear of the rescue system that it boots",
                "Set agent.url in netbootd.yaml to what servers reach it under.");
  }
  if (server.address.empty()) {
    throw Error(ErrorCode::precondition, fmt::format("no address is registered for {}", server.name.text()),
                "Its rescue system gets its boot token at that address only: add the server with one.");
  }
  if (order.cycle.value_or(false) && !server.bmc) {
    throw Error(ErrorCode::precondition, fmt::format("{} has no BMC that netbootd knows", server.name.text()),
                "Tell it one, or reset the server yourself: \"power\": \"none\".");
  }
}

http::Response start(Store& store, Tasks& tasks, BootBook& book, const http::Request& request, const Caller& caller,
                     const ApiOptions& options) {
  const auto name = named(request);
  const auto order = rescue_order_from(request.body, options.longest_lease_ttl);
  const auto server = store.server(name).server;
  require_bootable(server, order, options);
  const LeaseRequest lease{
      BootMode::rescue_windows, order.terms.policy, order.terms.time_to_live.value_or(options.lease_ttl), caller.label,
      order.terms.reason,       order.rescue};
  const auto task = tasks.begin_rescue(name, lease, order.cycle.value_or(server.bmc.has_value()), options.tasks.rescue);
  book.learn(name);
  log::info("rescue of {} by {}: task t-{}", name.text(), caller.label, task.id);
  if (options.wake) options.wake();
  return accepted(task);
}

http::Response show(Store& store, Sessions& sessions, const ServerName& name) {
  const auto state = store.server(name);
  const auto agent = sessions.current(name);
  if (!agent && (!state.lease || !state.lease->has_agent)) {
    throw Error(ErrorCode::not_found, fmt::format("there is no rescue of {}", name.text()));
  }
  // Armed or booted, and nothing was heard of it yet.
  auto body = agent ? session_json(*agent, sessions.rules(), store.now())
                    : nlohmann::json{{"server", name.text()},
                                     {"session", nullptr},
                                     {"phase", "booting"},
                                     {"steps", nlohmann::json::array()},
                                     {"connection", nullptr},
                                     {"last_heard_at", nullptr},
                                     {"alive", false},
                                     {"credentials", name_of(Delivery::none)},
                                     {"credentials_read_at", nullptr}};
  const auto lease = agent ? agent->lease : state.lease ? state.lease->id : 0;
  const auto asked = sessions.request_of(lease);
  body["public_key"] = asked.public_key.empty() ? nlohmann::json() : nlohmann::json(asked.public_key);
  body["request_id"] = asked.request_id.empty() ? nlohmann::json() : nlohmann::json(asked.request_id);
  body["lease"] = boot_mode_json(state, store.limits(), store.now())["lease"];
  return reply(200, body);
}

http::Response finish(Tasks& tasks, const http::Request& request, const Caller& caller, const ApiOptions& options) {
  FinishOrder order;
  order.requested_by = caller.label;
  for (const auto& [key, value] : request.query) {
    if (key == "then" && (value == "reboot" || value == "poweroff" || value == "stay")) {
      order.then = value;
    } else if (key == "changes" && (value == "keep" || value == "discard")) {
      order.changes = value;
    } else if (key == "force" && (value == "true" || value == "false")) {
      order.force = value == "true";
    } else {
      throw Error(ErrorCode::usage, fmt::format("'{}={}' is not known here", key, value),
                  "Write then=reboot, poweroff or stay; changes=keep or discard; and force=true.");
    }
  }
  const auto task = tasks.begin_finish(named(request), order, options.tasks.finish);
  log::info("end of the rescue of {} by {}: task t-{}", task.server.text(), caller.label, task.id);
  if (options.wake) options.wake();
  return accepted(task);
}

http::Response credentials(Sessions& sessions, const http::Request& request, const Caller& caller) {
  const auto name = named(request);
  const auto agent = sessions.current(name);
  if (!agent) throw Error(ErrorCode::not_found, fmt::format("there is no rescue session of {}", name.text()));
  if (sessions.request_of(agent->lease).public_key.empty()) {
    throw Error(ErrorCode::conflict, "no public key came with the request: the credentials are told on the host only",
                "On the host: rescuectl credentials rotate.");
  }
  if (auto taken = sessions.take_credentials(agent->id)) {
    log::info("the credentials of session {} were handed out to {}", agent->id, caller.label);
    return reply(200, {{"server", name.text()},
                       {"session", agent->id},
                       {"sealed", taken->sealed},
                       {"connection", nlohmann::json::parse(taken->connection)}});
  }
  constexpr unsigned gone = 410;
  ErrorReport report;
  report.code = ErrorCode::not_found;
  report.message = fmt::format("the credentials were handed out at {}", rfc3339(agent->read.value_or(WallTime{})));
  report.hint = "They are handed out once. On the host, 'rescuectl credentials rotate' makes new ones.";
  return http::problem(report, gone);
}

}  // namespace

void add_rescue_routes(Gate& gate, Store& store, const SharedSessions& sessions, const SharedTasks& tasks,
                       const SharedBootBook& book, const ApiOptions& options) {
  constexpr auto path = "/v1/servers/{name}/rescue";
  gate.add("POST", path, [&store, tasks, book, options](const auto& request, const auto& caller) {
    return start(store, *tasks, *book, request, caller, options);
  });
  gate.add("GET", path,
           [&store, sessions](const auto& request, const auto&) { return show(store, *sessions, named(request)); });
  gate.add("DELETE", path, [tasks, options](const auto& request, const auto& caller) {
    return finish(*tasks, request, caller, options);
  });
  gate.add("POST", "/v1/servers/{name}/rescue/credentials",
           [sessions](const auto& request, const auto& caller) { return credentials(*sessions, request, caller); });
}

}  // namespace rescue::netboot::api
