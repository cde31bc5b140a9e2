// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/task_representation.hpp"

namespace rescue::netboot::api {
namespace {

ServerName named(const http::Request& request) { return ServerName::parse(request.parameters.at("name")); }

http::Response show(Store& store, const http::Request& request, BmcAccess* bmcs) {
  const auto server = store.server(named(request)).server;
  if (bmcs == nullptr) throw Error(ErrorCode::precondition, "this netbootd speaks with no BMC");
  return reply(200, {{"server", server.name.text()}, {"power", name_of(bmcs->power(server))}});
}

http::Response order(Tasks& tasks, const http::Request& request, const Caller& caller, const ApiOptions& options) {
  const auto wanted = power_order_from(request.body);
  constexpr int settles = 4;
  const Milliseconds time_limit = settles * PowerLimits{}.settle;
  const auto task = tasks.begin_power(named(request), wanted.action, wanted.device, caller.label, time_limit);
  log::info("power of {}: {}, by {}", task.server.text(), name_of(wanted.action), caller.label);
  if (options.wake) options.wake();
  return accepted(task);
}

}  // namespace

void add_power_routes(http::Router& router, Store& store, const SharedTasks& tasks, const ApiOptions& options) {
  constexpr auto path = "/v1/servers/{name}/power";
  router.add("GET", path, for_admin(store, [&store, options](const auto& request, const auto&) {
               return show(store, request, options.bmcs);
             }));
  router.add("POST", path, for_admin(store, [tasks, options](const auto& request, const auto& caller) {
               return order(*tasks, request, caller, options);
             }));
}

}  // namespace rescue::netboot::api
