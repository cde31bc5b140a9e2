// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), and what is answered for it.

#include "core/http/message.hpp"
#include "core/secret.hpp"
#include "netboot/api/access.hpp"
#include "netboot/service/idempotency.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// None without the header, or where it has no meaning: methods that are idempotent by themselves. Throws `usage` for a
/// malformed one, and on routes whose answer holds a secret: such answers are not kept.
[[nodiscard]] std::optional<std::string> idempotency_key_of(const http::Request& request, const RouteRight& route);

/// Tells requests to one path apart: query, Content-Type, If-Match and body. Keyed with the caller's token, which is
/// not in the database: whoever reads that can't try out what was in a body.
[[nodiscard]] std::string keyed_hash(const http::Request& request, const Secret& token);

[[nodiscard]] KeptAnswer kept(const http::Response& response);
/// The answer that was kept; 409 while there is none yet; 422 when the key was used for something else.
[[nodiscard]] http::Response answer_of(const BegunKey& begun);

}  // namespace rescue::netboot::api
