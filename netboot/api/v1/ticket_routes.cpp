// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/access.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/routes.hpp"
#include "netboot/api/v1/server_representation.hpp"
#include "netboot/api/v1/task_representation.hpp"
#include "netboot/api/v1/ticket_representation.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot::api {

void add_ticket_routes(Gate& gate, const SharedServices& services) {
  constexpr auto path = "/v1/servers/{name}/tickets";
  gate.add("GET", path, [services](const auto& request, const auto& caller) {
    // Only who may open a ticket also sees the sealed number.
    const auto ticket = ticket_json(services->sessions.current(named(request)), may(caller, Right::operate));
    return reply(200, {{"ticket", ticket}});
  });
  gate.add("POST", path, [services](const auto& request, const auto& caller) {
    return accepted(services->rescues.open_ticket(named(request), ticket_order_from(request.body), caller.label));
  });
  gate.add("DELETE", path, [services](const auto& request, const auto& caller) {
    return accepted(services->rescues.end_ticket(named(request), caller.label));
  });
}

}  // namespace rescue::netboot::api
