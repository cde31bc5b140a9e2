// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where requests come in: who calls, and whether they may. Every route of the API is added through it.

#include "core/error.hpp"
#include "core/http/server.hpp"
#include "netboot/api/facade.hpp"
#include "netboot/api/rate_limits.hpp"
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

  /// Routes below its prefix that are added from now on belong to this API. All others: bearer tokens and RFC 9457
  /// problems.
  void add_facade(Facade facade);

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
  /// The one of the longest prefix.
  [[nodiscard]] const std::shared_ptr<const Facade>& facade_of(const std::string& pattern) const;

  http::Router& router_;
  std::shared_ptr<Guard> guard_;
  std::vector<std::shared_ptr<const Facade>> facades_;  ///< the longest prefix first; the last one is for all
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
