// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Entry of all requests: authenticates and authorizes the caller. Every route of the API is added through it.

#include "core/error.hpp"
#include "core/http/server.hpp"
#include "netboot/api/access.hpp"
#include "netboot/api/facade.hpp"
#include "netboot/api/rate_limits.hpp"
#include "netboot/domain/acting.hpp"
#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/server.hpp"
#include "netboot/domain/token.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rescue::netboot::api {

using Action = std::function<http::Response(const http::Request&, const Caller&)>;

/// `visitor` is the audit log's description of a request without a token.
using CustomerAction = std::function<http::Response(const http::Request&, const Acting& visitor)>;

/// Refused requests since the start.
struct Refusals {
  std::atomic<unsigned long long> unauthenticated{0};  ///< 401
  std::atomic<unsigned long long> denied{0};           ///< 403
  std::atomic<unsigned long long> limited{0};          ///< 429
};

class Guard;

class Gate {
public:
  /// Adds routes to `router`, which `store` outlives. Successive routers share `allowances` and `refusals`.
  Gate(http::Router& router, Store& store, std::shared_ptr<Allowances> allowances, std::shared_ptr<Refusals> refusals,
       AgentRules rules = {});

  /// Adds an API: routes below its prefix that are added later belong to it. All others use bearer tokens and RFC 9457
  /// problems.
  void add_facade(Facade facade);

  /// Adds a route for callers with a token whose role may use it by the table of access.hpp: others get 401 or 403. A
  /// path that names a server outside the token's scope as {name} gets 404. Changes are audited; POST takes an
  /// Idempotency-Key. Requests of host agents run on threads of their own (http::RunOn::reserved).
  void add(const std::string& method, const std::string& pattern, Action action,
           http::RunOn run_on = http::RunOn::pool);

  /// Like the function of `http::Router`, for callers who may use the route.
  void allow_large_body(const std::string& method, const std::string& path, std::size_t bytes);
  void answer_whatever_is_below(std::string prefix, http::EncodedSlash slash, http::Handler handler);

  /// Adds a route for everyone: the handler checks the caller itself.
  void add_open(const std::string& method, const std::string& pattern, http::Handler handler,
                http::RunOn run_on = http::RunOn::reserved);
  /// Adds a route for booting servers: failures are limited by address.
  void add_for_servers(const std::string& method, const std::string& pattern, http::Handler handler);
  /// Adds a route for people who have a one-time link and no token: requests and failures are limited by address.
  void add_for_customers(const std::string& method, const std::string& pattern, CustomerAction action);
  /// Like `add` and `add_for_customers`, for WebSockets (http::Router::add_websocket).
  void add_websocket(const std::string& pattern, Action action);
  void add_websocket_for_customers(const std::string& pattern, CustomerAction action);
  /// Like the other `add_open`, but calls `quick` on the io thread first (http::Router::add_quick).
  void add_open(const std::string& method, const std::string& pattern, http::QuickHandler quick, http::Handler handler);

private:
  [[nodiscard]] http::Handler admitted(const RouteRight& route, const std::string& pattern, Action action) const;
  [[nodiscard]] http::Handler admitted_customer(const RouteRight& route, const std::string& pattern,
                                                CustomerAction action) const;
  /// Returns the one with the longest prefix.
  [[nodiscard]] const std::shared_ptr<const Facade>& facade_of(const std::string& pattern) const;

  http::Router& router_;
  std::shared_ptr<Guard> guard_;
  std::vector<std::shared_ptr<const Facade>> facades_;  ///< the longest prefix first; the last one matches all
};

/// Throws `not_found`, as for a missing server, if `server` is outside the token's scope.
void require_in_scope(const Caller& caller, const ServerName& server);

/// Throws `denied` if the caller is bound to other servers, or may not set the BMC that comes with this one.
void require_may_add(const Caller& caller, const ServerName& server, bool with_bmc);

/// Throws `denied` if `after` is new, or its identity differs from that of `before`, and the caller may not change
/// identities (Right::identity).
void require_may_identify(const Caller& caller, const Server& before, const Server& after);
/// The error of `require_may_identify`.
[[nodiscard]] Error may_not_identify(const Caller& caller);

}  // namespace rescue::netboot::api
