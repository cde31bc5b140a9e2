// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON responses, written one way.

#include "core/http/message.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot::api {

/// Forbids caches to store it: the answer is valid only now, and may hold a token.
[[nodiscard]] inline http::Response reply(unsigned status, const nlohmann::json& body) {
  http::Response response;
  response.status = status;
  response.body = body.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace rescue::netboot::api
