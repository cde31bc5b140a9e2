// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), and the answers to repeated requests.

#include "core/http/message.hpp"
#include "core/secret.hpp"
#include "netboot/api/access.hpp"
#include "netboot/service/idempotency.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// Reads the key; none without the header, or for idempotent methods, where it has no meaning. Throws `usage` for a
/// malformed one, and on routes whose answer holds a secret: such answers are not kept.
[[nodiscard]] std::optional<std::string> idempotency_key_of(const http::Request& request, const RouteRight& route);

/// Identifies a request to one path: query, Content-Type, If-Match and body. Keyed with the caller's token, which is
/// not in the database: a reader of the database can't test guesses of a body.
[[nodiscard]] std::string keyed_hash(const http::Request& request, const Secret& token);

[[nodiscard]] KeptAnswer kept(const http::Response& response);
/// Returns the kept answer; 409 while there is none yet; 422 if the key was used for another request.
[[nodiscard]] http::Response answer_of(const BegunKey& begun);

}  // namespace rescue::netboot::api
