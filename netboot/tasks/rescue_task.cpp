// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"
#include "netboot/tasks/advance.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot {
namespace {

constexpr auto ended_by = "netbootd: the rescue failed";

/// The server as it was: what was set for its next boot is taken back, as far as the BMC lets us.
void take_back(const Task& task, const Server& server, TaskTools& tools) {
  (void)tools.store.end_lease(task.server, task.lease, ended_by);
  try {
    tools.bmcs.set_boot_device(server, BootDevice::none);
  } catch (const Error& error) {
    log::warning("the boot device of {} could not be taken back: {}", task.server.text(), error.what());
  }
}

void switch_power(Task& task, const ServerState& state, TaskTools& tools, const std::stop_token& stop) {
  auto& step = task.step("power");
  if (step.state == StepState::running && state.lease && state.lease->boots > 0) {
    return end(step, StepState::done, tools.store.now(), "netbootd was restarted meanwhile; the server boots");
  }
  begin(step, tools.store.now());
  tools.tasks.save(task);
  bool asked = false;
  try {
    // Known first whether anything answers: nothing is to be taken back then.
    (void)tools.bmcs.power(state.server);
    asked = true;
    (void)tools.bmcs.set_boot_device(state.server, BootDevice::network, false, stop);
    // Finished meanwhile: not even reset.
    if (!tools.tasks.save(task)) return take_back(task, state.server, tools);
    const auto power = tools.bmcs.perform(state.server, PowerAction::cycle, stop);
    end(step, StepState::done, tools.store.now(),
        fmt::format("boots from the network; the power is {}", name_of(power)));
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted && stop.stop_requested()) throw;
    if (asked) {
      take_back(task, state.server, tools);
    } else {
      (void)tools.store.end_lease(task.server, task.lease, ended_by);
    }
    throw;
  }
}

TaskError failure_of(const AgentSession& agent) {
  if (!agent.revoked.empty()) {
    return {agent.revoked, "netbootd ended the session: " + agent.revoked, "netbootd's log has the details."};
  }
  const auto report = nlohmann::json::parse(agent.report);
  const auto failure = report.value("failure", nlohmann::json::object());
  if (failure.empty()) return {"failed", "the session ended before it served", ""};
  return {failure.value("code", "failed"), failure.value("message", "the session failed"), failure.value("hint", "")};
}

/// What nobody has heard of for so long, in the words of where it stopped.
TaskError overdue(const Task& task, const std::optional<AgentSession>& agent) {
  const std::string code(name_of(ErrorCode::timeout));
  if (agent) {
    return {code, fmt::format("the rescue system did not serve in time; its phase is {}", agent->phase),
            "Its steps show where it waits."};
  }
  for (const auto& step : task.steps) {
    if (step.name == "boot-script" && step.state != StepState::done) {
      return {code, "the server did not ask for its boot script",
              "Look at its console: does it boot from the network, and does DHCP name netbootd?"};
    }
  }
  return {code, "the server loaded its boot script, and its rescue system was not heard of",
          "Look at its console; netbootd's log says whether it asked for its boot token."};
}

bool lease_stands(const Task& task, const ServerState& state, const Store& store) {
  if (!state.lease || state.lease->id != task.lease) return false;
  const auto now = state_of(*state.lease, store.limits(), store.now());
  return now != LeaseState::expired && now != LeaseState::unheard;
}

void end_without_lease(Task& task, const ServerState& state, TaskTools& tools) {
  const auto by = tools.tasks.lease_ended_by(task.lease);
  if (!by.empty()) {
    return end(task, TaskState::cancelled, tools.store.now(),
               TaskError{std::string(name_of(ErrorCode::cancelled)), "the lease was ended: " + by, ""});
  }
  const auto how = state.lease ? name_of(state_of(*state.lease, tools.store.limits(), tools.store.now())) : "expired";
  end(task, TaskState::failed, tools.store.now(),
      TaskError{std::string(name_of(ErrorCode::timeout)), fmt::format("the lease has ended: {}", how),
                "The server boots its disk next. Look at its console, then ask again."});
}

void look_at_session(Task& task, const std::optional<AgentSession>& agent, const ServerState& state, TaskTools& tools) {
  const auto now = tools.store.now();
  const bool alive = agent && is_alive(*agent, tools.sessions.rules(), now);
  if (agent && agent->revoked.empty() && agent->phase == "serving") return end(task, TaskState::succeeded, now);
  if (agent && (!agent->revoked.empty() || is_final(agent->phase))) {
    return end(task, TaskState::failed, now, failure_of(*agent));
  }
  if (!alive && !lease_stands(task, state, tools.store)) return end_without_lease(task, state, tools);
  if (now < task.deadline) return;
  // A host that speaks goes on: its session may still serve, and is finished by whoever does not want it.
  if (!alive) (void)tools.store.end_lease(task.server, task.lease, ended_by);
  end(task, TaskState::failed, now, overdue(task, agent));
}

}  // namespace

void advance_rescue(Task& task, TaskTools& tools, const std::stop_token& stop) {
  auto state = tools.store.server(task.server);
  const auto power = task.step("power").state;
  if (task.power && (power == StepState::pending || power == StepState::running)) {
    if (!lease_stands(task, state, tools.store)) return end_without_lease(task, state, tools);
    switch_power(task, state, tools, stop);
    state = tools.store.server(task.server);
  }
  const auto now = tools.store.now();
  auto& script = task.step("boot-script");
  if (script.state == StepState::pending) begin(script, now);
  const bool booted = state.lease && state.lease->id == task.lease && state.lease->last_boot;
  if (script.state == StepState::running && booted) {
    end(script, StepState::done, *state.lease->last_boot);
    begin(task.step("rescue-system"), *state.lease->last_boot);
  }
  const auto agent = tools.sessions.of_lease(task.lease);
  auto& system = task.step("rescue-system");
  if (agent && system.state != StepState::done) {
    if (script.state != StepState::done) end(script, StepState::done, agent->began);
    end(system, StepState::done, agent->began, "session " + agent->id);
  }
  look_at_session(task, agent, state, tools);
}

}  // namespace rescue::netboot
