// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who calls, and whether they may: one place that every route of the API goes through.

#include "core/http/server.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/store.hpp"

#include <functional>

namespace rescue::netboot::api {

using Action = std::function<http::Response(const http::Request&, const Caller&)>;

/// Only with an admin's bearer token; 401 without any, 403 (`denied`) with an agent's.
[[nodiscard]] http::Handler for_admin(Store& store, Action action);

/// With an admin's token, or that of the agent of the server that the path names as {name}.
[[nodiscard]] http::Handler for_admin_or_own_agent(Store& store, Action action);

}  // namespace rescue::netboot::api
