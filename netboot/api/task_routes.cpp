// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/authentication.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/task_representation.hpp"

namespace rescue::netboot::api {
namespace {

nlohmann::json with_agent(const Task& task, Sessions& sessions) {
  return task_json(task, task.lease == 0 ? std::nullopt : sessions.of_lease(task.lease));
}

}  // namespace

void add_task_routes(http::Router& router, Store& store, const SharedSessions& sessions, const SharedTasks& tasks) {
  router.add("GET", "/v1/tasks/{id}", for_admin(store, [sessions, tasks](const auto& request, const auto&) {
               const auto task = tasks->find(task_id_of(request.parameters.at("id")));
               return reply(200, with_agent(task, *sessions));
             }));
  router.add("GET", "/v1/servers/{name}/tasks", for_admin(store, [sessions, tasks](const auto& request, const auto&) {
               auto listed = nlohmann::json::array();
               for (const auto& task : tasks->of_server(ServerName::parse(request.parameters.at("name")))) {
                 listed.push_back(with_agent(task, *sessions));
               }
               return reply(200, {{"tasks", listed}});
             }));
}

}  // namespace rescue::netboot::api
