// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/tasks/advance.hpp"

#include "core/log.hpp"
#include "core/log_settings.hpp"

#include <fmt/format.h>

namespace rescue::netboot {
namespace {

void work(Task& task, TaskTools& tools, const std::stop_token& stop) {
  switch (task.kind) {
  case TaskKind::rescue:
    return advance_rescue(task, tools, stop);
  case TaskKind::finish:
    return advance_finish(task, tools, stop);
  case TaskKind::power:
    return advance_power(task, tools, stop);
  }
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

}  // namespace

void advance(Task& task, TaskTools& tools, const std::stop_token& stop) {
  const log::About id("task", fmt::format("t-{}", task.id));
  const log::About server("server", task.server.text());
  const auto before = task;
  if (task.state == TaskState::queued) task.state = TaskState::running;
  try {
    work(task, tools, stop);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted && stop.stop_requested()) return;
    end(task, TaskState::failed, tools.store.now(), task_error(report_of(error)));
  }
  if (task != before && tools.tasks.save(task) && is_over(task.state)) say(task);
}

void advance_power(Task& task, TaskTools& tools, const std::stop_token& stop) {
  const auto server = tools.store.server(task.server).server;
  const auto now = [&] { return tools.store.now(); };
  if (task.device == BootDevice::none) {
    end(task.step("boot-device"), StepState::skipped, now());
  } else {
    begin(task.step("boot-device"), now());
    tools.tasks.save(task);
    (void)tools.bmcs.set_boot_device(server, task.device, false, stop);
    end(task.step("boot-device"), StepState::done, now(), std::string(name_of(task.device)));
  }
  begin(task.step("power"), now());
  tools.tasks.save(task);
  const auto state = tools.bmcs.perform(server, task.action, stop);
  end(task.step("power"), StepState::done, now(), fmt::format("the power is {}", name_of(state)));
  end(task, TaskState::succeeded, now());
}

void take_up(Task& task, TaskTools& tools) {
  if (task.kind != TaskKind::power || task.state != TaskState::running) return;
  end(task, TaskState::failed, tools.store.now(),
      TaskError{std::string(name_of(ErrorCode::interrupted)),
                "netbootd was restarted in the middle: it is not known whether the BMC was asked",
                fmt::format("Look at the power, and ask again: netbootctl power show {}", task.server.text())});
  if (tools.tasks.save(task)) say(task);
}

}  // namespace rescue::netboot
