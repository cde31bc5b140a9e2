// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/task_representation.hpp"

#include "contract/session.hpp"
#include "core/printable.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/reply.hpp"
#include "netboot/api/v1/nullable.hpp"
#include "netboot/api/v1/pages.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

json step_json(const TaskStep& step) {
  json body{{"name", step.name},
            {"state", name_of(step.state)},
            {"began", or_null(step.began)},
            {"ended", or_null(step.ended)}};
  if (!step.detail.empty()) body["detail"] = step.detail;
  return body;
}

/// The step as in tasks, with both times.
json agent_step_json(const json& reported) {
  auto step = reported;
  const auto state = reported.value("state", "");
  if (state == "begun") step["state"] = name_of(StepState::running);
  for (const auto* const key : {"began", "ended"}) {
    if (!step.contains(key)) step[key] = json();
  }
  return step;
}

}  // namespace

json task_json(const Task& task, const std::optional<AgentSession>& agent) {
  auto steps = json::array();
  for (const auto& step : task.steps) steps.push_back(step_json(step));
  json body{
      {"id", fmt::format("t-{}", task.id)},  {"kind", name_of(task.kind)},
      {"server", task.server.text()},        {"state", name_of(task.state)},
      {"requested_by", task.requested_by},   {"request_id", task.request_id.empty() ? json() : json(task.request_id)},
      {"created_at", rfc3339(task.created)}, {"deadline_at", rfc3339(task.deadline)},
      {"ended_at", or_null(task.ended)},     {"error", json()}};
  if (task.kind == TaskKind::finish) {
    body["then"] = task.then;
    body["changes"] = task.changes.empty() ? std::string(name_of(contract::Changes::keep)) : task.changes;
  }
  if (task.ticket) body["ticket"] = to_json(*task.ticket);
  if (agent && task.kind != TaskKind::power) {
    body["session"] = agent->id;
    const auto report = json::parse(agent->report);
    const auto reported = is_command(task.kind) ? json::array() : report.value("steps", json::array());
    for (const auto& step : reported) steps.push_back(agent_step_json(step));
    if (report.contains("waiting_for") && !is_over(task.state)) body["waiting_for"] = report["waiting_for"];
  }
  body["steps"] = steps;
  if (task.error) {
    body["error"] = {{"code", task.error->code}, {"detail", task.error->detail}, {"hint", task.error->hint}};
  }
  return body;
}

http::Response accepted(const Task& task) {
  auto response = reply(202, task_json(task, std::nullopt));
  response.headers.emplace_back("Location", fmt::format("/v1/tasks/t-{}", task.id));
  return response;
}

long long task_id_of(const std::string& text) {
  if (const auto id = number_of_id(text, "t-")) return *id;
  throw Error(ErrorCode::not_found, fmt::format("there is no task '{}'", text), "Tasks are named t-1, t-2, ...");
}

PowerOrder power_order_from(const std::string& body) {
  return read_body(body, [](const Field& root) {
    root.only({"action", "boot_device", "force"});
    PowerOrder order;
    order.action = root.at("action").word<PowerAction>();
    if (const auto device = root.find("boot_device")) order.device = device->word<BootDevice>();
    if (const auto force = root.find("force")) order.force = force->boolean();
    return order;
  });
}

BootOverride boot_override_from(const std::string& body) {
  return read_body(body, [](const Field& root) {
    root.only({"device", "lasting"});
    BootOverride wanted;
    wanted.device = root.at("device").word<BootDevice>();
    if (const auto lasting = root.find("lasting")) wanted.lasting = lasting->boolean();
    return wanted;
  });
}

nlohmann::json check_json(const Server& server, const BmcCheck& check) {
  auto actions = json::array();
  for (const auto action : check.facts.power_actions) actions.push_back(name_of(action));
  auto devices = json::array();
  for (const auto device : check.facts.boot_devices) devices.push_back(name_of(device));
  constexpr std::size_t longest = 200;  // limit for a BMC's text
  const auto text = [](const std::string& value) { return value.empty() ? json() : json(printable(value, longest)); };
  return {{"server", server.name.text()},
          {"kind", name_of(server.bmc ? server.bmc->kind : BmcKind::ipmi)},
          {"power", name_of(check.power)},
          {"boot_device", check.boot_device ? json(name_of(check.boot_device->device)) : json()},
          {"lasting", check.boot_device && check.boot_device->lasting},
          {"vendor", text(check.facts.vendor)},
          {"product", text(check.facts.product)},
          {"firmware_version", text(check.facts.firmware_version)},
          {"system", text(check.facts.system)},
          {"login", check.facts.login},
          {"can", {{"power", actions}, {"boot_device", devices}, {"lasting", check.facts.lasting}}}};
}

}  // namespace rescue::netboot::api
