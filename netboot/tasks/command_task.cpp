// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tasks of one command to the host agent of a session that serves: reissue, ticket, ticket-end.
#include "contract/session.hpp"
#include "netboot/tasks/advance.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// The command of a kind of task, and its texts.
struct Kind {
  contract::AgentCommand command;
  const char* done;           ///< detail of the step
  const char* not_done;       ///< failure without a message of the host
  const char* late;           ///< no outcome came in time
  const char* retry;          ///< netbootctl's command
  const char* session_ended;  ///< hint
  bool is_withdrawn;          ///< at the task's end, if the host has not reported: a late ticket is worse than none
};

constexpr Kind reissue{contract::AgentCommand::rotate,
                       "the new credentials are proven and delivered",
                       "the credentials could not be set",
                       "the host did not report new credentials in time",
                       "rescue reissue",
                       "Its credentials no longer work. Start another rescue: netbootctl rescue start",
                       false};
constexpr Kind ticket{contract::AgentCommand::open_ticket,
                      "the ticket is open",
                      "the ticket could not be opened",
                      "the host did not report an open ticket in time; an older rescue system has none",
                      "ticket open",
                      "There is no console to show. Start another rescue: netbootctl rescue start",
                      true};
constexpr Kind ticket_end{contract::AgentCommand::end_ticket,
                          "the ticket and its connections have ended",
                          "the ticket could not be ended",
                          "the host did not report the ticket's end in time",
                          "ticket end",
                          "Its ticket has ended with it. What it boots next: netbootctl boot-mode show",
                          true};

const Kind& kind_of(const Task& task) {
  if (task.kind == TaskKind::ticket) return ticket;
  return task.kind == TaskKind::ticket_end ? ticket_end : reissue;
}

void fail(Task& task, ErrorCode code, std::string detail, std::string hint, WallTime now) {
  end(task, TaskState::failed, now, TaskError{std::string(name_of(code)), std::move(detail), std::move(hint)});
}

/// Ends the task as the agent reported; false while it has not.
bool has_ended_as_reported(Task& task, const Kind& kind, const AgentSession& agent, WallTime now) {
  const auto outcome = json::parse(agent.report).value("command", json::object());
  if (outcome.value("id", 0LL) != task.id) return false;
  if (!outcome.contains("failure")) {
    end(task.step("host"), StepState::done, now, kind.done);
    end(task, TaskState::succeeded, now);
    return true;
  }
  const auto& failure = outcome["failure"];
  end(task.step("host"), StepState::failed, now);
  end(task, TaskState::failed, now,
      TaskError{failure.value("code", "failed"), failure.value("message", kind.not_done),
                failure.value("hint", "Look at the host: rescuectl status.")});
  return true;
}

}  // namespace

InTurns advance_command(Task& task, TaskTools& tools, TaskTurn& /*turn*/) {
  const auto& kind = kind_of(task);
  const auto now = tools.store.now();
  const auto agent = tools.sessions.of_lease(task.lease);
  auto& host = task.step("host");
  const bool is_there = agent && !agent->ended && agent->revoked.empty();
  if (!is_there) {
    fail(task, ErrorCode::conflict, "the session has ended",
         fmt::format("{} {}", kind.session_ended, task.server.text()), now);
    co_return;
  }
  if (host.state == StepState::pending) {
    begin(host, now);
    AgentCommand command{task.id, std::string(name_of(kind.command)), {}, {}};
    command.ticket = task.ticket;
    tools.sessions.command(agent->id, command);
    co_return;
  }
  if (has_ended_as_reported(task, kind, *agent, now) || now < task.deadline) co_return;
  if (kind.is_withdrawn) tools.sessions.withdraw(agent->id, task.id);
  fail(task, ErrorCode::timeout,
       is_alive(*agent, tools.sessions.rules(), now)
           ? kind.late
           : fmt::format("the host is silent: its last heartbeat came at {}", rfc3339(agent->heard)),
       fmt::format("Look at the host: rescuectl status; then retry: netbootctl {} {}", kind.retry, task.server.text()),
       now);
}

}  // namespace rescue::netboot
