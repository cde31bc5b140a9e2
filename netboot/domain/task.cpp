// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/task.hpp"

#include <fmt/format.h>

#include <array>

namespace rescue::netboot {
namespace {

template <class Enum>
Enum value_of(std::string_view word) {
  if (const auto value = parse_word<Enum>(word)) return *value;
  throw Error(ErrorCode::internal, fmt::format("'{}' is not a word of tasks in this version", word));
}

}  // namespace

TaskKind task_kind_of(std::string_view name) { return value_of<TaskKind>(name); }
TaskState task_state_of(std::string_view name) { return value_of<TaskState>(name); }
StepState step_state_of(std::string_view name) { return value_of<StepState>(name); }

TaskStep& Task::step(std::string_view name) {
  for (auto& step : steps) {
    if (step.name == name) return step;
  }
  throw std::out_of_range("a task without the step " + std::string(name));
}

bool is_over(TaskState state) noexcept { return state != TaskState::queued && state != TaskState::running; }

bool is_command(TaskKind kind) noexcept {
  return kind == TaskKind::reissue || kind == TaskKind::ticket || kind == TaskKind::ticket_end;
}

bool has_set_boot_device(const Task& task) noexcept {
  if (task.kind != TaskKind::rescue || !task.power) return false;
  bool asked = false;
  bool booted = false;
  for (const auto& step : task.steps) {
    if (step.name == "power") asked = step.state != StepState::pending && step.state != StepState::skipped;
    if (step.name == "boot-script") booted = step.state == StepState::done;
  }
  return asked && !booted;
}

void begin(TaskStep& step, WallTime now) {
  step.state = StepState::running;
  step.began = now;
  step.ended.reset();
}

void end(TaskStep& step, StepState state, WallTime now, std::string detail) {
  step.state = state;
  step.began = step.began.value_or(now);
  step.ended = now;
  if (!detail.empty()) step.detail = std::move(detail);
}

void end(Task& task, TaskState state, WallTime now, std::optional<TaskError> error) {
  for (auto& step : task.steps) {
    if (step.state == StepState::running) {
      end(step, state == TaskState::succeeded ? StepState::done : StepState::failed, now);
    }
    if (step.state == StepState::pending) step.state = StepState::skipped;
  }
  task.state = state;
  task.ended = now;
  task.error = std::move(error);
}

TaskError task_error(const ErrorReport& report) {
  return {std::string(name_of(report.code)), report.one_line(), report.hint};
}

}  // namespace rescue::netboot
