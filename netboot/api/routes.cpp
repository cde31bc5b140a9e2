// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/routes.hpp"

#include "netboot/api/openapi.hpp"

namespace rescue::netboot::api {

http::Router make_router(Store& store, const ApiOptions& given) {
  http::Router router;
  auto options = given;
  const auto services = std::make_shared<Services>(store, options);
  if (!options.allowances) options.allowances = std::make_shared<Allowances>(options.limits, services->clock());
  Gate gate(router, store, options.allowances, options.refusals, options.agent_rules);
  add_operation_routes(gate, services, options);
  gate.add_open(
      "GET", "/v1/openapi.yaml",
      [](const auto&) {
        http::Response response;
        response.content_type = "application/yaml";
        response.body = openapi_document();
        return response;
      },
      http::RunOn::io_thread);
  add_boot_script_routes(gate, services, options);
  add_file_routes(gate, options.files);
  add_second_initrd_route(gate, services);
  add_server_routes(gate, services, options);
  add_import_route(gate, services, options);
  add_boot_mode_routes(gate, services, options);
  add_agent_routes(gate, services, options);
  add_rescue_routes(gate, services, options);
  add_task_routes(gate, services);
  add_audit_routes(gate, services);
  add_token_routes(gate, services);
  add_secret_routes(gate, services);
  add_console_routes(gate, services, options);
  add_ticket_routes(gate, services);
  add_delivery_routes(gate, services);
  add_page_routes(gate, services, options);
  add_event_routes(gate, options);
  add_power_routes(gate, services);
  return router;
}

}  // namespace rescue::netboot::api
