// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/gate.hpp"

#include "netboot/api/access.hpp"
#include "netboot/api/authentication.hpp"
#include "netboot/api/guard.hpp"
#include "netboot/service/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace rescue::netboot::api {
namespace {

/// True for requests of host agents and booting servers: they do not wait for those of people and panels.
bool is_for_hosts(Right right) noexcept {
  switch (right) {
  case Right::session:
  case Right::see_boot_mode:
  case Right::set_boot_mode:
    return true;
  default:
    return false;
  }
}

}  // namespace

Gate::Gate(http::Router& router, Store& store, std::shared_ptr<Allowances> allowances,
           std::shared_ptr<Refusals> refusals, AgentRules rules)
    : router_(router), guard_(std::make_shared<Guard>(store, std::move(allowances), std::move(refusals), rules)) {
  add_facade({"/", std::make_shared<BearerTokens>(Tokens(store))});
}

void Gate::add_facade(Facade facade) {
  facades_.push_back(std::make_shared<const Facade>(std::move(facade)));
  std::stable_sort(facades_.begin(), facades_.end(),
                   [](const auto& a, const auto& b) { return a->prefix.size() > b->prefix.size(); });
}

const std::shared_ptr<const Facade>& Gate::facade_of(const std::string& pattern) const {
  const auto found = std::find_if(facades_.begin(), facades_.end(),
                                  [&](const auto& facade) { return pattern.starts_with(facade->prefix); });
  return found == facades_.end() ? facades_.back() : *found;
}

http::Handler Gate::admitted(const RouteRight& route, const std::string& pattern, Action action) const {
  const auto& facade = facade_of(pattern);
  auto admit = [guard = guard_, facade, &route, action = std::move(action)](const http::Request& request) {
    return guard->admit(request, route, action, *facade->authentication);
  };
  return with_errors_of(facade, std::move(admit));
}

http::Handler Gate::admitted_customer(const RouteRight& route, const std::string& pattern,
                                      CustomerAction action) const {
  auto admit = [guard = guard_, &route, action = std::move(action)](const http::Request& request) {
    return guard->admit_customer(request, route, action);
  };
  return with_errors_of(facade_of(pattern), std::move(admit));
}

void Gate::add(const std::string& method, const std::string& pattern, Action action, http::RunOn run_on) {
  const auto& route = route_right(method, pattern);
  router_.add(method, pattern, admitted(route, pattern, std::move(action)),
              run_on == http::RunOn::pool && is_for_hosts(route.right) ? http::RunOn::reserved : run_on);
}

void Gate::add_websocket(const std::string& pattern, Action action) {
  const auto& route = route_right("GET", pattern);
  router_.add_websocket(pattern, admitted(route, pattern, std::move(action)),
                        is_for_hosts(route.right) ? http::RunOn::reserved : http::RunOn::pool);
}

void Gate::add_websocket_for_customers(const std::string& pattern, CustomerAction action) {
  router_.add_websocket(pattern, admitted_customer(route_right("GET", pattern), pattern, std::move(action)));
}

void Gate::allow_large_body(const std::string& method, const std::string& path, std::size_t bytes) {
  const auto& facade = facade_of(path);
  http::Admission admission = [guard = guard_, facade, &route = route_right(method, path)](const auto& request) {
    return guard->let_in(request, route, *facade->authentication);
  };
  router_.allow_large_body(method, path, bytes, admission_with_errors_of(facade, std::move(admission)));
}

void Gate::answer_whatever_is_below(std::string prefix, http::EncodedSlash slash, http::Handler handler) {
  router_.answer_whatever_is_below(std::move(prefix), slash, std::move(handler));
}

void Gate::add_open(const std::string& method, const std::string& pattern, http::Handler handler, http::RunOn run_on) {
  const auto& route = route_right(method, pattern);
  if (route.right == Right::boot_token) {
    auto admitted = [guard = guard_, &route, handler = std::move(handler)](const http::Request& request) {
      return guard->admit_boot_token(request, route, handler);
    };
    router_.add(method, pattern, with_errors_of(facade_of(pattern), std::move(admitted)), run_on);
  } else if (pattern.starts_with("/v1/") || facade_of(pattern)->prefix != "/") {
    auto limited = [guard = guard_, handler = std::move(handler)](const http::Request& request) {
      return guard->admit_anybody(request, handler);
    };
    router_.add(method, pattern, with_errors_of(facade_of(pattern), std::move(limited)), run_on);
  } else {
    router_.add(method, pattern, std::move(handler), run_on);
  }
}

void Gate::add_open(const std::string& method, const std::string& pattern, http::QuickHandler quick,
                    http::Handler handler) {
  (void)route_right(method, pattern);
  router_.add_quick(method, pattern, std::move(quick), std::move(handler), http::RunOn::reserved);
}

void Gate::add_for_servers(const std::string& method, const std::string& pattern, http::Handler handler) {
  (void)route_right(method, pattern);
  auto admitted = [guard = guard_, handler = std::move(handler)](const http::Request& request) {
    return guard->admit_server(request, handler);
  };
  router_.add(method, pattern, std::move(admitted), http::RunOn::reserved);
}

void Gate::add_for_customers(const std::string& method, const std::string& pattern, CustomerAction action) {
  router_.add(method, pattern, admitted_customer(route_right(method, pattern), pattern, std::move(action)),
              http::RunOn::pool);
}

void require_in_scope(const Caller& caller, const ServerName& server) {
  if (caller.scope.holds(server)) return;
  throw Error(ErrorCode::not_found, fmt::format("there is no server '{}'", server.text()),
              "'netbootctl server list' shows what there is.");
}

void require_may_add(const Caller& caller, const ServerName& server, bool with_bmc) {
  if (!caller.scope.holds(server)) {
    throw Error(ErrorCode::denied, fmt::format("the {} is bound to other servers", describe(caller)));
  }
  if (with_bmc && !may(caller.role, Right::administer)) {
    throw Error(ErrorCode::denied, fmt::format("the {} may not set BMCs", describe(caller)),
                "Add the server without one; an admin can set its BMC.");
  }
}

Error may_not_identify(const Caller& caller) {
  return {ErrorCode::denied,
          fmt::format("the {} may not add or remove servers, or change their identity", describe(caller)),
          "Cards, UUID, serial number, address and tags are for admins, and for a panel's token that an admin made with"
          " the right 'identity'."};
}

void require_may_identify(const Caller& caller, const Server& before, const Server& after) {
  const auto identity = [](const Server& server) {
    return std::tie(server.macs, server.uuid, server.serial, server.address, server.tags);
  };
  if (identity(before) != identity(after) && !may(caller, Right::identity)) throw may_not_identify(caller);
}

}  // namespace rescue::netboot::api
