// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/tasks/advance.hpp"

#include <fmt/format.h>

namespace rescue::netboot {
namespace {

/// Poll interval for one task: other changes arrive as notifications, and polling a thousand tasks is expensive.
constexpr Milliseconds look_again(5'000);

InTurns work(Task& task, TaskTools& tools, TaskTurn& turn) {
  switch (task.kind) {
  case TaskKind::rescue:
    return advance_rescue(task, tools, turn);
  case TaskKind::finish:
    return advance_finish(task, tools, turn);
  case TaskKind::reissue:
  case TaskKind::ticket:
  case TaskKind::ticket_end:
    return advance_command(task, tools, turn);
  case TaskKind::power:
    break;
  }
  return advance_power(task, tools, turn);
}

void say(const Task& task) {
  const auto what =
      fmt::format("task t-{} ({} of {}) {}", task.id, name_of(task.kind), task.server.text(), name_of(task.state));
  if (task.error) {
    log::warning("{}: {}", what, task.error->detail);
  } else {
    log::info("{}", what);
  }
}

/// True if a BMC may have received a request that must not be repeated. A rescue repeats its own: its server is to be
/// reset, and runs nothing yet.
bool may_have_switched(Task& task) {
  if (task.state != TaskState::running || !task.power) return false;
  if (task.kind == TaskKind::power) return true;
  return task.kind == TaskKind::finish && task.step("power").state == StepState::running;
}

InTurns advance(Task& task, TaskTools& tools, TaskTurn& turn) {
  const auto before = task;
  if (task.state == TaskState::queued) task.state = TaskState::running;
  std::optional<TaskError> failed;
  try {
    co_await work(task, tools, turn);
  } catch (const DatabaseFailure&) {
    throw;
  } catch (const ClaimLost&) {
    throw;
  } catch (const std::exception& error) {
    failed = task_error(report_of(error));
  }
  if (failed) end(task, TaskState::failed, tools.store.now(), *failed);
  if (task == before) co_return;
  bool kept = false;
  const auto save = [&] { kept = tools.tasks.save(task); };
  co_await stored(save);
  if (kept && is_over(task.state)) say(task);
}

}  // namespace

InTurns carry_out(ClaimedTask& claimed, TaskTools& tools, TaskTurn& turn) {
  auto& task = claimed.task;
  try {
    if (claimed.taken_over) take_up(claimed, tools);
    if (!is_over(task.state)) {
      co_await advance(task, tools, turn);
    } else if (task.take_back) {
      co_await take_back_boot_device(task, tools, turn);
    }
  } catch (const ClaimLost& error) {
    log::warning("{}", error.what());
    co_return;
  } catch (const std::exception& error) {
    log::error("task t-{} is retried later: {}", task.id, report_of(error).one_line());
  }
  turn = {{}, false};
  const auto release = [&] { tools.tasks.release(task, look_again); };
  co_await stored(release);
}

InTurns advance_power(Task& task, TaskTools& tools, TaskTurn& turn) {
  const auto server = tools.servers.state(task.server).server;
  const auto now = [&] { return tools.store.now(); };
  auto visit = tools.bmcs.visit(server);
  if (task.device == BootDevice::none) {
    end(task.step("boot-device"), StepState::skipped, now());
  } else {
    begin(task.step("boot-device"), now());
    if (!tools.tasks.save(task)) co_return;
  }
  turn.bmc = BmcAccess::line_of(server);
  co_yield Milliseconds(0);
  if (task.device != BootDevice::none) {
    BootOverride set;
    co_await visit->set_boot_device(task.device, set);
    end(task.step("boot-device"), StepState::done, now(), std::string(name_of(task.device)));
  }
  begin(task.step("power"), now());
  // The task may have been cancelled while it waited for its turn.
  if (!tools.tasks.save(task)) co_return;
  auto state = PowerState::off;
  co_await visit->perform(task.action, state);
  end(task.step("power"), StepState::done, now(), fmt::format("the power is {}", name_of(state)));
  end(task, TaskState::succeeded, now());
}

InTurns take_back_boot_device(const Task& task, TaskTools& tools, TaskTurn& turn) {
  std::string failed;
  try {
    const auto server = tools.servers.state(task.server).server;
    auto visit = tools.bmcs.visit(server);
    turn.bmc = BmcAccess::line_of(server);
    co_yield Milliseconds(0);
    BootOverride set;
    co_await visit->set_boot_device(BootDevice::none, set);
  } catch (const DatabaseFailure&) {
    throw;
  } catch (const Error& error) {
    failed = error.what();
  }
  turn.bmc.clear();
  if (failed.empty()) {
    log::info("the BMC of {} has forgotten the boot device of task t-{}", task.server.text(), task.id);
  } else {
    log::warning("the boot device of {} could not be taken back: {}", task.server.text(), failed);
  }
  const auto forget = [&] { tools.tasks.took_back(task); };
  co_await stored(forget);
}

void take_up(ClaimedTask& claimed, TaskTools& tools) {
  constexpr unsigned most = 2;
  auto& task = claimed.task;
  const bool kills = claimed.taken_up >= most;
  if (kills && task.take_back) tools.tasks.took_back(task);
  task.take_back = task.take_back && !kills;
  if (is_over(task.state) || (!kills && !may_have_switched(task))) return;
  const std::string code(name_of(ErrorCode::interrupted));
  if (kills) {
    if (task.kind == TaskKind::rescue) (void)tools.leases.end_lease(task.server, task.lease, failed_rescue);
    end(task, TaskState::failed, tools.store.now(),
        TaskError{code, fmt::format("netbootd ended {} times during this task", most),
                  "It is not retried. netbootd's log has the reason; the BMC may be the cause: netbootctl server "
                  "bmc-check."});
  } else {
    end(task, TaskState::failed, tools.store.now(),
        TaskError{code, "netbootd was restarted during this task: the BMC may have received the request",
                  fmt::format("Check the power, then retry: netbootctl power show {}", task.server.text())});
  }
  if (tools.tasks.save(task)) say(task);
}

}  // namespace rescue::netboot
