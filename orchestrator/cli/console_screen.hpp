// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Draws the status as a screen for the server's console: 80 columns, 25 rows, plain ASCII, no secret.

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace rescue::cli {

/// Draws `status`, the answer of GET /v1/status (null while rescued does not answer), and the host's `addresses`.
[[nodiscard]] std::string console_screen(const nlohmann::json& status, const std::vector<std::string>& addresses);

/// Global addresses of this host's links, IPv4 first.
[[nodiscard]] std::vector<std::string> host_addresses();

}  // namespace rescue::cli
