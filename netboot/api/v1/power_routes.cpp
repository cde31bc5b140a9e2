// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/pages.hpp"
#include "netboot/api/v1/server_representation.hpp"
#include "netboot/api/v1/task_representation.hpp"

#include <nlohmann/json.hpp>

#include <functional>

namespace rescue::netboot::api {
namespace {

/// Returns `answer()`; if too many wait for the same BMC, adds when to retry.
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

http::Response show(Services& services, const http::Request& request) {
  const auto name = named(request);
  return reply(200, {{"server", name.text()}, {"power", name_of(services.power.state(name))}});
}

http::Response check(Services& services, const http::Request& request) {
  const auto [server, found] = services.power.check(named(request));
  return reply(200, check_json(server, found));
}

http::Response set_boot_device(Services& services, const http::Request& request, const Caller& caller) {
  const auto name = named(request);
  (void)services.servers.state(name);  // an unknown server is a 404, even with an invalid body
  const auto set = services.power.set_boot_device(name, boot_override_from(request.body), caller.label);
  return reply(200, {{"server", name.text()}, {"device", name_of(set.device)}, {"lasting", set.lasting}});
}

http::Response order(Services& services, const http::Request& request, const Caller& caller) {
  auto wanted = power_order_from(request.body);
  wanted.force = wanted.force || is_forced(request);
  return accepted(services.power.order(named(request), wanted, caller.label));
}

}  // namespace

void add_power_routes(Gate& gate, const SharedServices& services) {
  constexpr auto path = "/v1/servers/{name}/power";
  // A BMC may answer slowly or never.
  const auto add_slow = [&gate](const char* method, const char* pattern, const auto& answer) {
    gate.add(
        method, pattern,
        [answer](const http::Request& request, const Caller& caller) {
          return in_its_turn([&] { return answer(request, caller); });
        },
        http::RunOn::slow);
  };
  add_slow("GET", path, [services](const auto& request, const auto&) { return show(*services, request); });
  add_slow("POST", "/v1/servers/{name}/bmc/check",
           [services](const auto& request, const auto&) { return check(*services, request); });
  add_slow("PUT", "/v1/servers/{name}/boot-device",
           [services](const auto& request, const auto& caller) { return set_boot_device(*services, request, caller); });
  gate.add("POST", path,
           [services](const auto& request, const auto& caller) { return order(*services, request, caller); });
}

}  // namespace rescue::netboot::api
