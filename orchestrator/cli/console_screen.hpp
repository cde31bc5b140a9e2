// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Draws the status as a screen for the server's console: 80 columns, 25 rows, plain ASCII, no secret.

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace rescue::cli {

/// Terminal of the rescue VM's display in the rescue system (deploy/rescue-system): Alt+F7 on the console.
inline constexpr int guest_terminal = 7;

/// Draws `status`, the answer of GET /v1/status (null while rescued does not answer), and the host's `addresses`; with
/// `guest_is_shown` the keys that switch to the rescue VM's display and back.
[[nodiscard]] std::string console_screen(const nlohmann::json& status, const std::vector<std::string>& addresses,
                                         bool guest_is_shown = false);

/// True while the rescue system shows the rescue VM's display on this host's own screen. Does not block.
[[nodiscard]] bool guest_is_on_screen();

/// Global addresses of this host's links, IPv4 first.
[[nodiscard]] std::vector<std::string> host_addresses();

}  // namespace rescue::cli
