// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tokens as JSON, and requests for new ones.

#include "netboot/service/tokens.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace rescue::netboot::api {

/// Throws `usage` naming the field. A lifetime begins at `now`.
[[nodiscard]] NewToken token_from(const std::string& body, WallTime now);
/// Never includes the token itself.
[[nodiscard]] nlohmann::json token_json(const TokenFacts& token, WallTime now);
/// Returns 7 for "k-7". Throws `not_found` for any other text.
[[nodiscard]] long long token_id_of(const std::string& text);

}  // namespace rescue::netboot::api
