// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "contract/session.hpp"
#include "netboot/tasks/advance.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot {
namespace {

void end_lease(Task& task, TaskTools& tools) {
  (void)tools.leases.end_lease(task.server, task.lease, task.requested_by);
  end(task.step("lease"), StepState::done, tools.store.now(), "the server boots its disk next");
}

/// Ends the task as the agent reported.
void end_with_host(Task& task, const AgentSession& agent, TaskTools& tools) {
  const auto now = tools.store.now();
  end_lease(task, tools);
  if (agent.phase == name_of(contract::Phase::finished)) {
    end(task.step("host"), StepState::done, now, fmt::format("session {} is finished", agent.id));
    return end(task, TaskState::succeeded, now);
  }
  const auto failure = nlohmann::json::parse(agent.report).value("failure", nlohmann::json::object());
  end(task.step("host"), StepState::failed, now);
  end(task, TaskState::failed, now,
      TaskError{failure.value("code", "failed"), failure.value("message", "the session could not be undone"),
                failure.value("hint", "Look at the host: rescuectl status.")});
}

std::string silence_of(const std::optional<AgentSession>& agent) {
  if (!agent) return "no heartbeat came from a rescue system";
  return fmt::format("the host's last heartbeat came at {}", rfc3339(agent->heard));
}

/// No agent can carry out a command: ends the lease, and switches the power only on demand, since the customer's VM may
/// still be running.
InTurns end_without_host(Task& task, std::optional<AgentSession> agent, TaskTools& tools, TaskTurn& turn) {
  const auto silence = silence_of(agent);
  end(task.step("host"), StepState::skipped, tools.store.now(), silence);
  end_lease(task, tools);
  if (!task.power) {
    end(task.step("power"), StepState::skipped, tools.store.now(),
        silence + ", and was not power-cycled: that takes force=true");
    end(task, TaskState::succeeded, tools.store.now());
    co_return;
  }
  // Before the power action: whatever its result, this host agent is ignored, and blocks nothing.
  if (agent && agent->revoked.empty()) tools.sessions.revoke(agent->id, "power-cycled");
  const auto server = tools.servers.state(task.server).server;
  auto visit = tools.bmcs.visit(server);
  begin(task.step("power"), tools.store.now());
  if (!tools.tasks.save(task)) co_return;
  turn.bmc = BmcAccess::line_of(server);
  co_yield Milliseconds(0);
  auto power = PowerState::off;
  co_await visit->perform(task.then == name_of(contract::Ending::poweroff) ? PowerAction::off : PowerAction::cycle,
                          power);
  end(task.step("power"), StepState::done, tools.store.now(), fmt::format("the power is {}", name_of(power)));
  end(task, TaskState::succeeded, tools.store.now());
}

}  // namespace

InTurns advance_finish(Task& task, TaskTools& tools, TaskTurn& turn) {
  const auto now = tools.store.now();
  const auto agent = tools.sessions.of_lease(task.lease);
  auto& host = task.step("host");
  const bool is_heard = agent && is_alive(*agent, tools.sessions.rules(), now);
  // A host that was restarted meanwhile, and boots the rescue system again, has a session that was not told.
  const bool is_another =
      is_heard && host.state == StepState::running && (!agent->command || agent->command->id != task.id);
  if (is_heard && (host.state == StepState::pending || is_another)) {
    if (!is_another) begin(host, now);
    // The decision about the changes was made for the first session: the next one is told so.
    const auto changes =
        is_another && task.changes.empty() ? std::string(name_of(contract::Changes::keep)) : task.changes;
    tools.sessions.command(agent->id, {task.id, "finish", task.then, changes});
    co_return;
  }
  const bool was_told = host.state == StepState::running;
  if (was_told && agent && agent->ended && agent->revoked.empty()) {
    end_with_host(task, *agent, tools);
    co_return;
  }
  const bool is_there = was_told && agent && agent->revoked.empty();
  // With force a host has a short time to begin finishing: else the task does not wait for its agent.
  const bool is_ignored = is_there && task.power && !is_on_way_out(agent->phase) &&
                          now - host.began.value_or(now) > tools.sessions.rules().alive;
  if (is_there && now < task.deadline && !is_ignored) co_return;
  // A finishing host may be silent for a while, but not for this long. One that is heard may be writing to its disks.
  if (!is_there || !is_heard || (task.power && !is_on_way_out(agent->phase))) {
    co_await end_without_host(task, agent, tools, turn);
    co_return;
  }
  end_lease(task, tools);
  end(task, TaskState::failed, now,
      TaskError{std::string(name_of(ErrorCode::timeout)),
                fmt::format("the host is alive, and did not finish in time; its phase is {}", agent->phase),
                "Look at the host: rescuectl status."});
}

}  // namespace rescue::netboot
