// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The routes of netbootd: the API under /v1, the boot scripts, and health checks for load balancers.

#include "core/http/server.hpp"
#include "netboot/api/gate.hpp"
#include "netboot/api/metrics.hpp"
#include "netboot/boot/file_settings.hpp"
#include "netboot/console/relay.hpp"
#include "netboot/events/event_feed.hpp"
#include "netboot/service/services.hpp"

#include <memory>
#include <string>

namespace rescue::netboot::api {

struct ApiOptions : ServiceOptions {
  Milliseconds longest_lease_ttl{};
  ConsoleRelay* consoles = nullptr;  ///< outlives the router; none: no consoles in browsers
  EventFeed* events = nullptr;       ///< outlives the router; none: no event streams
  MetricsSources metrics{};
  FileSettings files{};
  RequestLimits limits{};
  std::shared_ptr<Refusals> refusals = std::make_shared<Refusals>();
  std::shared_ptr<Allowances> allowances{};  ///< shared by successive routers; none: new ones, from `limits`
  std::string web_folder{};                  ///< the built pages for customers; may be missing
};

using SharedServices = std::shared_ptr<Services>;

/// `store` outlives the router.
[[nodiscard]] http::Router make_router(Store& store, const ApiOptions& options);

/// Answers while the database has not been available yet: health checks, scripts that boot the disk, and 503.
[[nodiscard]] http::Router make_waiting_router();

/// Imports: tens of thousands of servers in one request.
inline constexpr auto import_path = "/v1/servers:import";
inline constexpr std::size_t largest_import = std::size_t{48} << 20U;  ///< 100,000 servers with all their members

/// Parts of `make_router`. `options` has allowances.
void add_file_routes(Gate& gate, const FileSettings& files);
void add_server_routes(Gate& gate, const SharedServices& services, const ApiOptions& options);
void add_import_route(Gate& gate, const SharedServices& services, const ApiOptions& options);
void add_boot_mode_routes(Gate& gate, const SharedServices& services, const ApiOptions& options);
void add_boot_script_routes(Gate& gate, const SharedServices& services, const ApiOptions& options);
void add_second_initrd_route(Gate& gate, const SharedServices& services);
void add_agent_routes(Gate& gate, const SharedServices& services, const ApiOptions& options);
void add_rescue_routes(Gate& gate, const SharedServices& services, const ApiOptions& options);
void add_task_routes(Gate& gate, const SharedServices& services);
void add_operation_routes(Gate& gate, const SharedServices& services, const ApiOptions& options);
void add_event_routes(Gate& gate, const ApiOptions& options);
void add_audit_routes(Gate& gate, const SharedServices& services);
void add_token_routes(Gate& gate, const SharedServices& services);
void add_ticket_routes(Gate& gate, const SharedServices& services);
void add_console_routes(Gate& gate, const SharedServices& services, const ApiOptions& options);
void add_secret_routes(Gate& gate, const SharedServices& services);
void add_delivery_routes(Gate& gate, const SharedServices& services);
void add_page_routes(Gate& gate, const SharedServices& services, const ApiOptions& options);
void add_power_routes(Gate& gate, const SharedServices& services);

}  // namespace rescue::netboot::api
