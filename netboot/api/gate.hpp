// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where requests come in: who calls, and whether they may. Every route of the API is added through it.

#include "core/http/server.hpp"
#include "netboot/api/rate_limits.hpp"
#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/store.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace rescue::netboot::api {

using Action = std::function<http::Response(const http::Request&, const Caller&)>;

/// Requests that were not let through, since the start.
struct Refusals {
  std::atomic<unsigned long long> unauthenticated{0};  ///< 401
  std::atomic<unsigned long long> denied{0};           ///< 403
  std::atomic<unsigned long long> limited{0};          ///< 429
};

class Guard;

class Gate {
public:
  /// Adds to `router`; `store` outlives that. What is shared goes on from router to router.
  Gate(http::Router& router, Store& store, std::shared_ptr<Allowances> allowances, std::shared_ptr<Refusals> refusals,
       AgentRules rules = {});

  /// For callers with a token whose role may use the route by the table of access.hpp: others get 401 or 403. A path
  /// that names a server out of the token's scope as {name} is answered 404. What changes something is audited; POST
  /// takes an Idempotency-Key. What host agents ask for is answered by threads of its own (http::RunOn::reserved).
  void add(const std::string& method, const std::string& pattern, Action action,
           http::RunOn run_on = http::RunOn::pool);

  /// As `http::Router` says, for callers who may use the route.
  void allow_large_body(const std::string& method, const std::string& path, std::size_t bytes);
  void answer_whatever_is_below(std::string prefix, http::EncodedSlash slash, http::Handler handler);

  /// For anybody: the route looks itself who asks.
  void add_open(const std::string& method, const std::string& pattern, http::Handler handler,
                http::RunOn run_on = http::RunOn::reserved);
  /// For servers that boot: what fails is limited, by address.
  void add_for_servers(const std::string& method, const std::string& pattern, http::Handler handler);
  /// As `add_open`: `quick` is asked on the io thread first (http::Router::add_quick).
  void add_open(const std::string& method, const std::string& pattern, http::QuickHandler quick, http::Handler handler);

private:
  http::Router& router_;
  std::shared_ptr<Guard> guard_;
};

/// As if there were no such server: what a token is not bound to does not exist for it. Throws `not_found`.
void require_in_scope(const Caller& caller, const ServerName& server);

/// Throws `denied` when the caller is bound to other servers, or may not tell the BMC that comes with this one.
void require_may_add(const Caller& caller, const ServerName& server, bool with_bmc);

/// Throws `denied` when `after` is another machine than `before` by what tells servers apart (Right::identity), or a
/// new one, and the caller may not say so.
void require_may_identify(const Caller& caller, const Server& before, const Server& after);
/// The error of that.
[[nodiscard]] Error may_not_identify(const Caller& caller);

}  // namespace rescue::netboot::api
