// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/access.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

constexpr RouteRight table[] = {
    {"GET", "/healthz", Right::nothing},
    {"GET", "/readyz", Right::nothing},
    {"GET", "/v1/openapi.yaml", Right::nothing},
    {"GET", "/boot/{mac}.ipxe", Right::nothing},
    {"GET", "/boot/{mac}/rescue-boot.cpio", Right::nothing},
    {"GET", "/boot/uuid/{uuid}.ipxe", Right::nothing},
    {"GET", "/boot/serial/{serial*}", Right::nothing},
    {"GET", "/boot/{anything}", Right::nothing},
    {"GET", "/boot/uuid/{anything}", Right::nothing},
    {"GET", "/files/{path*}", Right::nothing},
    {"GET", "/console/{name}", Right::nothing},
    {"GET", "/s/{link}", Right::nothing},
    {"GET", "/web/{file}", Right::nothing},

    {"POST", "/v1/agent/redeem", Right::boot_token},
    {"POST", "/v1/agent/heartbeat", Right::session},
    {"PUT", "/v1/agent/credentials", Right::session},

    {"GET", "/v1/servers", Right::see},
    {"POST", "/v1/servers", Right::identity},
    {"POST", "/v1/servers:import", Right::edit_servers},
    {"GET", "/v1/servers/{name}", Right::see},
    {"PATCH", "/v1/servers/{name}", Right::edit_servers},
    {"DELETE", "/v1/servers/{name}", Right::identity},
    {"PUT", "/v1/servers/{name}/bmc", Right::administer},
    {"DELETE", "/v1/servers/{name}/bmc", Right::administer},
    {"POST", "/v1/servers/{name}/bmc/check", Right::operate},
    {"PUT", "/v1/servers/{name}/boot-device", Right::operate},
    {"POST", "/v1/servers/{name}/agent-token", Right::administer, Answer::secret},
    {"DELETE", "/v1/servers/{name}/agent-token", Right::administer},

    {"GET", "/v1/boot-modes", Right::see},
    {"GET", "/v1/servers/{name}/boot-mode", Right::see_boot_mode},
    {"PUT", "/v1/servers/{name}/boot-mode", Right::set_boot_mode},
    {"GET", "/v1/servers/{name}/power", Right::see},
    {"POST", "/v1/servers/{name}/power", Right::operate},
    {"GET", "/v1/servers/{name}/rescue", Right::see},
    {"POST", "/v1/servers/{name}/rescue", Right::operate},
    {"DELETE", "/v1/servers/{name}/rescue", Right::operate},
    {"POST", "/v1/servers/{name}/rescue/reissue", Right::share},
    {"POST", "/v1/servers/{name}/rescue/extend", Right::operate},
    {"POST", "/v1/servers/{name}/rescue/credentials", Right::collect, Answer::secret},
    {"GET", "/v1/servers/{name}/tasks", Right::see},
    {"GET", "/v1/tasks", Right::see},
    {"GET", "/v1/tasks/{id}", Right::see},
    {"POST", "/v1/tasks/{id}/cancel", Right::operate},

    {"GET", "/v1/servers/{name}/secrets", Right::see},
    {"POST", "/v1/servers/{name}/secrets", Right::share},
    {"POST", "/v1/agent/secrets", Right::session},
    {"GET", "/v1/secrets/{id}", Right::see},
    {"DELETE", "/v1/secrets/{id}", Right::share},
    {"GET", "/v1/links/{link}", Right::nothing},
    {"POST", "/v1/links/{link}/reveal", Right::nothing},

    {"GET", "/v1/servers/{name}/deliveries", Right::see},
    {"GET", "/v1/deliveries/{id}", Right::see},
    {"POST", "/v1/deliveries/{id}/resend", Right::operate},
    {"POST", "/v1/bounces", Right::operate},

    {"GET", "/v1/servers/{name}/consoles", Right::see},
    {"POST", "/v1/servers/{name}/consoles", Right::operate, Answer::secret},
    {"DELETE", "/v1/consoles/{id}", Right::operate},
    {"GET", "/v1/console", Right::nothing},
    {"GET", "/v1/agent/consoles", Right::session},
    {"GET", "/v1/agent/console/{id}", Right::session},

    {"GET", "/v1/servers/{name}/tickets", Right::see},
    {"POST", "/v1/servers/{name}/tickets", Right::operate},
    {"DELETE", "/v1/servers/{name}/tickets", Right::operate},

    {"GET", "/v1/tokens", Right::administer},
    {"POST", "/v1/tokens", Right::administer, Answer::secret},
    {"GET", "/v1/tokens/{id}", Right::administer},
    {"DELETE", "/v1/tokens/{id}", Right::administer},
    {"GET", "/v1/audit", Right::administer},
    {"GET", "/v1/events", Right::see},

    {"GET", "/metrics", Right::see},
    {"GET", "/v1/log-level", Right::administer},
    {"PUT", "/v1/log-level", Right::administer},
};

constexpr Role roles[] = {Role::read_only, Role::operating, Role::panel, Role::admin, Role::agent};

}  // namespace

std::span<const RouteRight> access_table() noexcept { return table; }

const RouteRight& route_right(std::string_view method, std::string_view pattern) {
  const auto* const found = std::find_if(std::begin(table), std::end(table), [&](const RouteRight& entry) {
    return entry.method == method && entry.pattern == pattern;
  });
  if (found != std::end(table)) return *found;
  throw Error(ErrorCode::internal, fmt::format("{} {} is not in the table of rights", method, pattern),
              "Add it to netboot/api/access.cpp.");
}

bool may(Role role, Right right) noexcept {
  switch (right) {
  case Right::nothing:
  case Right::boot_token:
  case Right::see_boot_mode:
    return true;
  case Right::session:
    return role == Role::agent;
  case Right::set_boot_mode:
    return role != Role::read_only;
  case Right::see:
    return role != Role::agent;
  case Right::operate:
    return role == Role::operating || role == Role::panel || role == Role::admin;
  case Right::collect:
  case Right::share:
  case Right::edit_servers:
    return role == Role::panel || role == Role::admin;
  case Right::identity:
  case Right::administer:
    return role == Role::admin;
  }
  return false;
}

bool may(const Caller& caller, Right right) noexcept {
  if (right == Right::identity && caller.identity) return may(caller.role, Right::edit_servers);
  return may(caller.role, right);
}

std::string roles_that_may(Right right) {
  std::string names;
  for (const auto role : roles) {
    if (may(role, right)) names += fmt::format("{}{}", names.empty() ? "" : ", ", name_of(role));
  }
  return names;
}

}  // namespace rescue::netboot::api
