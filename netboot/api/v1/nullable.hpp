// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Optional values in JSON: null for none.

#include "core/clock.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::api {

[[nodiscard]] inline nlohmann::json or_null(const std::optional<WallTime>& time) {
  return time ? nlohmann::json(rfc3339(*time)) : nlohmann::json();
}
[[nodiscard]] inline nlohmann::json or_null(const std::vector<std::string>& names) {
  return names.empty() ? nlohmann::json() : nlohmann::json(names);
}
[[nodiscard]] inline nlohmann::json or_null(const std::string& text) {
  return text.empty() ? nlohmann::json() : nlohmann::json(text);
}

}  // namespace rescue::netboot::api
