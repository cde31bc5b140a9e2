// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/console_commands.hpp"

#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;
using Rows = std::vector<std::vector<std::string>>;

/// Path of a console; "7" is short for c-7.
std::string console_path(const std::string& id) {
  const bool is_number = !id.empty() && id.find_first_not_of("0123456789") == std::string::npos;
  return "/v1/consoles/" + http::percent_encode(is_number ? "c-" + id : id);
}

}  // namespace

std::string ConsoleCommands::open(const ConsoleOrder& order) {
  json body{{"role", order.view ? "view" : "control"}};
  put_if_given(body, "ttl", order.ttl);
  const auto answer = client_.call("POST", server_path(order.server) + "/consoles", body.dump()).body;
  auto console = parsed(answer);
  auto url = base_url_ + text_of(console, "url");
  if (!json_) return url + "\n";
  console["url"] = url;
  return console.dump(2) + "\n";
}

std::string ConsoleCommands::list(const ConsoleOrder& order) {
  auto answer = client_.call("GET", server_path(order.server) + "/consoles").body;
  if (json_) return answer;
  const auto consoles = parsed(answer);
  Rows viewers{{"VIEWER", "CONSOLE", "ROLE", "LABEL", "FROM", "SINCE"}};
  for (const auto& viewer : consoles.value("viewers", json::array())) {
    viewers.push_back({text_of(viewer, "id"), text_of(viewer, "pass"), text_of(viewer, "role"),
                       text_of(viewer, "label"), text_of(viewer, "address"), text_of(viewer, "since")});
  }
  Rows passes{{"CONSOLE", "ROLE", "STATE", "CREATED", "BY", "EXPIRES"}};
  for (const auto& pass : consoles.value("passes", json::array())) {
    passes.push_back({text_of(pass, "id"), text_of(pass, "role"), text_of(pass, "state"), text_of(pass, "created_at"),
                      text_of(pass, "made_by"), text_of(pass, "expires_at")});
  }
  return table(std::move(viewers)) + "\n" + table(std::move(passes));
}

std::string ConsoleCommands::close(const ConsoleOrder& order) {
  (void)client_.call("DELETE", console_path(order.id));
  return json_ ? json{{"closed", order.id}}.dump(2) + "\n" : fmt::format("closed {}\n", order.id);
}

}  // namespace rescue::netboot::cli
