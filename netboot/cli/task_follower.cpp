// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/task_follower.hpp"

#include "core/error.hpp"
#include "netboot/cli/answers.hpp"
#include "netboot/cli/table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot::cli {
namespace {

using nlohmann::json;

/// Prints one line for each step whose state has changed.
void print_progress(std::FILE* err, const json& task, json& seen) {
  for (const auto& step : task.value("steps", json::array())) {
    const auto name = text_of(step, "name");
    const auto state = text_of(step, "state");
    if (state == "pending" || seen.value(name, "") == state) continue;
    seen[name] = state;
    fmt::print(err, "{}: {}\n", shown(name), shown(state));
  }
}

}  // namespace

std::string TaskFollower::followed(std::string answer, bool wait) {
  auto task = parsed(answer);
  if (wait) {
    constexpr Milliseconds look(1'000);
    auto seen = json::object();
    const auto path = "/v1/tasks/" + http::percent_encode(text_of(task, "id"));
    print_progress(err_, task, seen);
    while (text_of(task, "ended_at").empty()) {
      (void)clock_.sleep_for(look);
      answer = client_.call("GET", path).body;
      task = parsed(answer);
      print_progress(err_, task, seen);
    }
  }
  const auto state = text_of(task, "state");
  if (state == "failed" || state == "cancelled") {
    fmt::print(out_, "{}", json_ ? answer : task_facts(task));
    const auto error = task.value("error", json::object());
    throw Error(error_code_of(text_of(error, "code")), text_of(error, "detail"), text_of(error, "hint"));
  }
  return json_ ? answer : task_facts(task);
}

}  // namespace rescue::netboot::cli
