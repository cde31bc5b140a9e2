// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The status as a screen for whoever stands before the server: 80 columns, 25 rows, plain ASCII, no secret.

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace rescue::cli {

/// `status`: the answer of GET /v1/status; null while rescued does not answer. `addresses`: the host's.
[[nodiscard]] std::string console_screen(const nlohmann::json& status, const std::vector<std::string>& addresses);

/// The global addresses of this host's links, IPv4 first.
[[nodiscard]] std::vector<std::string> host_addresses();

}  // namespace rescue::cli
