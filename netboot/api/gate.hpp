// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where requests come in: who calls, and whether they may. Every route of the API is added through it.

#include "core/http/server.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace rescue::netboot::api {

using Action = std::function<http::Response(const http::Request&, const Caller&)>;

class Gate {
public:
  /// Adds to `router`; `store` outlives that.
  Gate(http::Router& router, Store& store);

  /// For callers with a token whose role may use the route by the table of access.hpp: others get 401 or 403. A path
  /// that names a server out of the token's scope as {name} is answered 404.
  void add(const std::string& method, const std::string& pattern, Action action);

  /// For anybody: the route looks itself who asks.
  void add_open(const std::string& method, const std::string& pattern, http::Handler handler,
                http::RunOn run_on = http::RunOn::pool);
  /// As above: `quick` is asked on the io thread first (http::Router::add_quick).
  void add_open(const std::string& method, const std::string& pattern, http::QuickHandler quick, http::Handler handler);

private:
  http::Router& router_;
  Store& store_;
};

/// As if there were no such server: what a token is not bound to does not exist for it. Throws `not_found`.
void require_in_scope(const Caller& caller, const ServerName& server);

}  // namespace rescue::netboot::api
