// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/pages.hpp"
#include "netboot/api/v1/server_representation.hpp"
#include "netboot/api/v1/task_representation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::api {
namespace {

nlohmann::json with_agent(const Task& task, Services& services) {
  return task_json(task, task.lease == 0 ? std::nullopt : services.sessions.of_lease(task.lease));
}

/// Throws `not_found`, as for a missing task.
void require_in_scope(const Caller& caller, const Task& task) {
  if (!caller.scope.holds(task.server))
    throw Error(ErrorCode::not_found, fmt::format("there is no task t-{}", task.id));
}

/// Omits the steps of the hosts: they are in the answer for a single task.
http::Response listed(const http::Request& request, Tasks& tasks, TaskQuery query) {
  const auto limit = query.limit++;
  auto found = tasks.find(query);
  const bool is_last = found.size() <= limit;
  if (!is_last) found.pop_back();
  auto items = nlohmann::json::array();
  for (const auto& task : found) items.push_back(task_json(task, std::nullopt));
  return page(request, "tasks", std::move(items), is_last ? std::string{} : fmt::format("t-{}", found.back().id));
}

TaskQuery task_query_from(const http::Request& request) {
  TaskQuery query;
  if (const auto kind = parameter(request, "kind"); !kind.empty()) {
    query.kind = one_of(kind, choices<TaskKind>(), "kind");
  }
  if (const auto state = parameter(request, "state"); !state.empty()) {
    query.state = one_of(state, choices<TaskState>(), "state");
  }
  if (const auto after = page_start(request); !after.empty()) query.before = task_id_of(after);
  query.limit = page_limit(request);
  return query;
}

}  // namespace

void add_task_routes(Gate& gate, const SharedServices& services) {
  gate.add("GET", "/v1/tasks/{id}", [services](const auto& request, const auto& caller) {
    const auto task = services->tasks.find(task_id_of(request.parameters.at("id")));
    require_in_scope(caller, task);
    return reply(200, with_agent(task, *services));
  });
  gate.add("POST", "/v1/tasks/{id}/cancel", [services](const auto& request, const auto& caller) {
    const auto id = task_id_of(request.parameters.at("id"));
    require_in_scope(caller, services->tasks.find(id));
    const auto task = services->tasks.cancel(id, caller.label);
    log::info("task t-{} of {} cancelled by {}", id, task.server.text(), caller.label);
    return reply(200, with_agent(task, *services));
  });
  gate.add("GET", "/v1/tasks", [services](const auto& request, const auto& caller) {
    require_known(request, {"server", "kind", "state", "limit", "cursor"});
    auto query = task_query_from(request);
    query.servers = caller.scope.servers;
    if (const auto name = parameter(request, "server"); !name.empty()) {
      const auto server = ServerName::parse(name);
      require_in_scope(caller, server);
      query.servers = {server.text()};
    }
    return listed(request, services->tasks, query);
  });
  gate.add("GET", "/v1/servers/{name}/tasks", [services](const auto& request, const auto&) {
    require_known(request, {"kind", "state", "limit", "cursor"});
    auto query = task_query_from(request);
    query.servers = {services->servers.state(named(request)).server.name.text()};
    return listed(request, services->tasks, query);
  });
}

}  // namespace rescue::netboot::api
