// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tokens as the API tells them, and what is asked for in a new one.

#include "netboot/service/tokens.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace rescue::netboot::api {

/// Throws `usage` naming the field. `now` is what a lifetime counts from.
[[nodiscard]] NewToken token_from(const std::string& body, WallTime now);
/// Never the token itself.
[[nodiscard]] nlohmann::json token_json(const TokenFacts& token, WallTime now);
/// "k-7" is 7. Throws `not_found`: no other text names a token.
[[nodiscard]] long long token_id_of(const std::string& text);

}  // namespace rescue::netboot::api
