// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/api/pages.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/server_representation.hpp"
#include "netboot/api/task_representation.hpp"

#include <functional>

namespace rescue::netboot::api {
namespace {

BmcAccess& bmcs_of(const ApiOptions& options) {
  if (options.bmcs == nullptr) throw Error(ErrorCode::precondition, "this netbootd speaks with no BMC");
  return *options.bmcs;
}

/// `answer`; where too many wait for the same BMC: when to ask again.
http::Response in_its_turn(const std::function<http::Response()>& answer) {
  try {
    return answer();
  } catch (const BmcTaken& error) {
    constexpr auto pause = "5";
    auto response = http::problem(report_of(error));
    response.headers.emplace_back("Retry-After", pause);
    return response;
  }
}

http::Response show(Store& store, const http::Request& request, const ApiOptions& options) {
  const auto server = store.server(named(request)).server;
  return reply(200, {{"server", server.name.text()}, {"power", name_of(bmcs_of(options).power(server))}});
}

http::Response check(Store& store, const http::Request& request, const ApiOptions& options) {
  const auto server = store.server(named(request)).server;
  return reply(200, check_json(server, bmcs_of(options).check(server)));
}

http::Response set_boot_device(Store& store, const http::Request& request, const Caller& caller,
                               const ApiOptions& options) {
  const auto server = store.server(named(request)).server;
  const auto wanted = boot_override_from(request.body);
  const auto set = bmcs_of(options).set_boot_device_soon(server, wanted);
  log::info("boot device of {}: {}, by {}", server.name.text(), name_of(set.device), caller.label);
  return reply(200, {{"server", server.name.text()}, {"device", name_of(set.device)}, {"lasting", set.lasting}});
}

http::Response order(Tasks& tasks, const http::Request& request, const Caller& caller, const ApiOptions& options) {
  const auto wanted = power_order_from(request.body);
  constexpr int settles = 4;
  const Milliseconds time_limit = settles * PowerLimits{}.settle + PowerLimits{}.shutdown;
  const auto task = tasks.begin_power(named(request), wanted.action, wanted.device, caller.label, time_limit,
                                      wanted.force || is_forced(request));
  log::info("power of {}: {}, by {}", task.server.text(), name_of(wanted.action), caller.label);
  if (options.wake) options.wake();
  return accepted(task);
}

}  // namespace

void add_power_routes(Gate& gate, Store& store, const SharedTasks& tasks, const ApiOptions& options) {
  constexpr auto path = "/v1/servers/{name}/power";
  // A BMC may take its time, or all of it.
  const auto add_slow = [&gate](const char* method, const char* pattern, const auto& answer) {
    gate.add(
        method, pattern,
        [answer](const http::Request& request, const Caller& caller) {
          return in_its_turn([&] { return answer(request, caller); });
        },
        http::RunOn::slow);
  };
  add_slow("GET", path, [&store, options](const auto& request, const auto&) { return show(store, request, options); });
  add_slow("POST", "/v1/servers/{name}/bmc/check",
           [&store, options](const auto& request, const auto&) { return check(store, request, options); });
  add_slow("PUT", "/v1/servers/{name}/boot-device", [&store, options](const auto& request, const auto& caller) {
    return set_boot_device(store, request, caller, options);
  });
  gate.add("POST", path, [tasks, options](const auto& request, const auto& caller) {
    return order(*tasks, request, caller, options);
  });
}

}  // namespace rescue::netboot::api
