// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/routes.hpp"

#include "netboot/api/openapi.hpp"

namespace rescue::netboot::api {

http::Router make_router(Store& store, const ApiOptions& given) {
  http::Router router;
  auto options = given;
  if (!options.allowances) options.allowances = std::make_shared<Allowances>(options.limits, store.clock());
  Gate gate(router, store, options.allowances, options.refusals, options.agent_rules);
  add_operation_routes(gate, store, options);
  gate.add_open(
      "GET", "/v1/openapi.yaml",
      [](const auto&) {
        http::Response response;
        response.content_type = "application/yaml";
        response.body = openapi_document();
        return response;
      },
      http::RunOn::io_thread);
  const auto sessions = std::make_shared<Sessions>(store, options.agent_rules);
  const auto book = std::make_shared<BootBook>(store, options.catalogue);
  add_boot_script_routes(gate, store, book, options);
  add_file_routes(gate, options.files);
  add_second_initrd_route(gate, sessions, book, options);
  add_server_routes(gate, store, options);
  add_import_route(gate, store, options);
  add_boot_mode_routes(gate, store, sessions, book, options);
  add_agent_routes(gate, store, sessions, options);
  const auto tasks = std::make_shared<Tasks>(store, options.agent_rules);
  add_rescue_routes(gate, store, sessions, tasks, book, options);
  add_task_routes(gate, store, sessions, tasks);
  add_audit_routes(gate, store);
  add_token_routes(gate, store);
  add_event_routes(gate, options);
  add_power_routes(gate, store, tasks, options);
  return router;
}

}  // namespace rescue::netboot::api
