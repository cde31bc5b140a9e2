// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/task.hpp"

#include <fmt/format.h>

#include <array>

namespace rescue::netboot {
namespace {

constexpr std::array<std::string_view, 3> kinds{"rescue", "finish", "power"};
constexpr std::array<std::string_view, 5> states{"queued", "running", "succeeded", "failed", "cancelled"};
constexpr std::array<std::string_view, 5> step_states{"pending", "running", "done", "failed", "skipped"};

template <class Enum, class Names>
Enum value_of(std::string_view name, const Names& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names.at(i) == name) return static_cast<Enum>(i);
  }
  throw Error(ErrorCode::internal, fmt::format("'{}' is no word of tasks in this version", name));
}

}  // namespace

std::string_view name_of(TaskKind kind) noexcept { return kinds[static_cast<std::size_t>(kind)]; }
std::string_view name_of(TaskState state) noexcept { return states[static_cast<std::size_t>(state)]; }
std::string_view name_of(StepState state) noexcept { return step_states[static_cast<std::size_t>(state)]; }
TaskKind task_kind_of(std::string_view name) { return value_of<TaskKind>(name, kinds); }
TaskState task_state_of(std::string_view name) { return value_of<TaskState>(name, states); }
StepState step_state_of(std::string_view name) { return value_of<StepState>(name, step_states); }

TaskStep& Task::step(std::string_view name) {
  for (auto& step : steps) {
    if (step.name == name) return step;
  }
  throw std::out_of_range("a task without the step " + std::string(name));
}

bool is_over(TaskState state) noexcept { return state != TaskState::queued && state != TaskState::running; }

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
