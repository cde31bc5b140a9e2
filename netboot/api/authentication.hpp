// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who calls, and whether they may: one place that every route of the API goes through.

#include "core/http/server.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/store.hpp"

#include <functional>
#include <optional>
#include <string>

namespace rescue::netboot::api {

using Action = std::function<http::Response(const http::Request&, const Caller&)>;

/// Only with an admin's bearer token; 401 without any, 403 (`denied`) with an agent's.
[[nodiscard]] http::Handler for_admin(Store& store, Action action);

/// The token behind "Bearer ", the scheme in any case (RFC 6750); none without one.
[[nodiscard]] std::optional<std::string> bearer_token(const http::Request& request);

/// 401: no token, or one that is not known here.
[[nodiscard]] http::Response without_token();
[[nodiscard]] http::Response with_unknown_token();

/// Only with the token of a session's host agent.
[[nodiscard]] http::Handler for_session(Store& store, Action action);

/// With an admin's token, or that of the agent of the server that the path names as {name}.
[[nodiscard]] http::Handler for_admin_or_own_agent(Store& store, Action action);

}  // namespace rescue::netboot::api
