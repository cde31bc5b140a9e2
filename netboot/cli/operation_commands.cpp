// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/operation_commands.hpp"

#include "netboot/cli/answers.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot::cli {

std::string log_level(http::Client& client, bool as_json, const std::string& level) {
  constexpr auto path = "/v1/log-level";
  const auto answer =
      level.empty() ? client.call("GET", path) : client.call("PUT", path, nlohmann::json{{"level", level}}.dump());
  return as_json ? answer.body : text_of(parsed(answer.body), "level") + "\n";
}

}  // namespace rescue::netboot::cli
