// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/task_representation.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

nlohmann::json with_agent(const Task& task, Sessions& sessions) {
  return task_json(task, task.lease == 0 ? std::nullopt : sessions.of_lease(task.lease));
}

/// As if there were no such task.
void require_in_scope(const Caller& caller, const Task& task) {
  if (!caller.scope.holds(task.server))
    throw Error(ErrorCode::not_found, fmt::format("there is no task t-{}", task.id));
}

}  // namespace

void add_task_routes(Gate& gate, const SharedSessions& sessions, const SharedTasks& tasks) {
  gate.add("GET", "/v1/tasks/{id}", [sessions, tasks](const auto& request, const auto& caller) {
    const auto task = tasks->find(task_id_of(request.parameters.at("id")));
    require_in_scope(caller, task);
    return reply(200, with_agent(task, *sessions));
  });
  gate.add("GET", "/v1/servers/{name}/tasks", [sessions, tasks](const auto& request, const auto&) {
    auto listed = nlohmann::json::array();
    for (const auto& task : tasks->of_server(ServerName::parse(request.parameters.at("name")))) {
      listed.push_back(with_agent(task, *sessions));
    }
    return reply(200, {{"tasks", listed}});
  });
}

}  // namespace rescue::netboot::api
