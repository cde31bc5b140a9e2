// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "contract/session.hpp"
#include "netboot/tasks/advance.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <exception>

namespace rescue::netboot {
namespace {

/// First checks that the BMC answers: else there is nothing to clear. `asked`: the BMC got a request.
InTurns ask_bmc(Task& task, const Server& server, TaskTools& tools, TaskTurn& turn, bool& asked, bool& is_open) {
  auto visit = tools.bmcs.visit(server);
  turn.bmc = BmcAccess::line_of(server);
  co_yield Milliseconds(0);
  auto power = PowerState::off;
  co_await visit->power(power);
  asked = true;
  BootOverride set;
  co_await visit->set_next_boot(BootDevice::network, set);
  task.take_back = set.lasting;  // when the rescue is over or serving
  const auto save = [&] { is_open = tools.tasks.save(task); };
  co_await stored(save);
  // Finished meanwhile: do not even reset it.
  if (!is_open) co_return;
  co_await visit->perform(PowerAction::cycle, power);
  end(task.step("power"), StepState::done, tools.store.now(),
      fmt::format("boots from the network{}; the power is {}",
                  set.lasting ? ", until the BMC is told to forget it" : "", name_of(power)));
  co_await stored(save);
}

/// Sets `is_open` to false if somebody has ended the task meanwhile, and with it the boot device.
InTurns switch_power(Task& task, const ServerState& state, TaskTools& tools, TaskTurn& turn, bool& is_open) {
  auto& step = task.step("power");
  if (step.state == StepState::running && state.lease && state.lease->boots > 0) {
    end(step, StepState::done, tools.store.now(), "netbootd was restarted meanwhile; the server boots");
    co_return;
  }
  bool asked = step.state == StepState::running;  // by the previous netbootd
  if (!asked) {
    begin(step, tools.store.now());
    is_open = tools.tasks.save(task);
    if (!is_open) co_return;
  }
  std::exception_ptr failed;
  try {
    co_await ask_bmc(task, state.server, tools, turn, asked, is_open);
  } catch (const ClaimLost&) {
    throw;
  } catch (const std::exception&) {
    failed = std::current_exception();
  }
  turn.bmc.clear();
  if (!failed) co_return;
  // Leaves the server as it was: clears the device for its next boot.
  task.take_back = asked;
  const auto end_lease = [&] { (void)tools.leases.end_lease(task.server, task.lease, failed_rescue); };
  co_await stored(end_lease);
  std::rethrow_exception(failed);
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

/// The error of a task without progress, by the place where it stopped.
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
  return {code, "the server loaded its boot script, but its rescue system sent no heartbeat",
          "Look at its console; netbootd's log says whether it asked for its boot token."};
}

bool lease_stands(const Task& task, const ServerState& state, const Store& store) {
  if (!state.lease || state.lease->id != task.lease) return false;
  const auto now = state_of(*state.lease, store.limits(), store.now());
  return now != LeaseState::expired && now != LeaseState::unheard;
}

void end_without_lease(Task& task, const ServerState& state, TaskTools& tools) {
  task.take_back = task.take_back || has_set_boot_device(task);
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
  if (agent && agent->revoked.empty() && agent->phase == name_of(contract::Phase::serving))
    return end(task, TaskState::succeeded, now);
  if (agent && (!agent->revoked.empty() || is_final(agent->phase))) {
    return end(task, TaskState::failed, now, failure_of(*agent));
  }
  if (!alive && !lease_stands(task, state, tools.store)) return end_without_lease(task, state, tools);
  if (now < task.deadline) return;
  // A live host keeps its lease: its session may still serve, and people can finish it.
  if (!alive) (void)tools.leases.end_lease(task.server, task.lease, failed_rescue);
  task.take_back = task.take_back || has_set_boot_device(task);
  end(task, TaskState::failed, now, overdue(task, agent));
}

}  // namespace

InTurns advance_rescue(Task& task, TaskTools& tools, TaskTurn& turn) {
  auto state = tools.servers.state(task.server);
  const auto power = task.step("power").state;
  if (task.power && (power == StepState::pending || power == StepState::running)) {
    if (!lease_stands(task, state, tools.store)) {
      end_without_lease(task, state, tools);
      co_return;
    }
    bool is_open = true;
    co_await switch_power(task, state, tools, turn, is_open);
    if (!is_open) co_return;
    state = tools.servers.state(task.server);
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
