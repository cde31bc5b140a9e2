// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a request says who calls, and how it is told that this is not enough.

#include "core/http/server.hpp"
#include "netboot/store/tokens.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// The address that a request comes from, IPv4 in its own words: a socket for both families tells ::ffff:203.0.113.7.
[[nodiscard]] std::string address_of(const http::Request& request);

/// The token behind "Bearer ", the scheme in any case (RFC 6750); none without one.
[[nodiscard]] std::optional<std::string> bearer_token(const http::Request& request);

/// 401: no token, one that is not known here, one that was worth something once.
[[nodiscard]] http::Response without_token();
[[nodiscard]] http::Response with_unknown_token();
[[nodiscard]] http::Response with_worthless_token(const Recognised& token);

/// For people: "token ci (operator)", "agent of web-01".
[[nodiscard]] std::string describe(const Caller& caller);

}  // namespace rescue::netboot::api
