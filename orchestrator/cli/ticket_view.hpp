// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Shows a helpdesk's ticket: what to read out, who asks to enter, who is in.

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace rescue::cli {

/// Lines for people; `ticket`: rescued's answer about it, with the number.
[[nodiscard]] std::string ticket_text(const nlohmann::json& ticket);

/// "anna at 198.51.100.9". The name is the helper's own word.
[[nodiscard]] std::string visitor_text(const nlohmann::json& visitor);

}  // namespace rescue::cli
