// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Work of netbootd in the background: its steps, and its outcome.

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/words.hpp"
#include "netboot/domain/bmc.hpp"
#include "netboot/domain/server_name.hpp"
#include "netboot/domain/ticket_order.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

enum class TaskKind { rescue, finish, power, reissue, ticket, ticket_end };
enum class TaskState { queued, running, succeeded, failed, cancelled };
enum class StepState { pending, running, done, failed, skipped };

constexpr auto words_of(TaskKind) {
  return words<TaskKind>("rescue", "finish", "power", "reissue", "ticket", "ticket-end");
}
constexpr auto words_of(TaskState) { return words<TaskState>("queued", "running", "succeeded", "failed", "cancelled"); }
constexpr auto words_of(StepState) { return words<StepState>("pending", "running", "done", "failed", "skipped"); }
using rescue::name_of;

/// Throw `internal` for names that this version does not know.
[[nodiscard]] TaskKind task_kind_of(std::string_view name);
[[nodiscard]] TaskState task_state_of(std::string_view name);
[[nodiscard]] StepState step_state_of(std::string_view name);

struct TaskStep {
  std::string name;
  StepState state = StepState::pending;
  std::optional<WallTime> began{};
  std::optional<WallTime> ended{};
  std::string detail{};
  bool operator==(const TaskStep&) const = default;
};

struct TaskError {
  std::string code;  ///< netbootd's, or the host agent's
  std::string detail;
  std::string hint;
  bool operator==(const TaskError&) const = default;
};

struct Task {
  long long id = 0;
  TaskKind kind = TaskKind::rescue;
  ServerName server;
  TaskState state = TaskState::queued;
  std::string requested_by{};
  std::string request_id{};  ///< of the request that started it
  long long lease = 0;       ///< of all but power; 0: none
  PowerAction action = PowerAction::cycle;
  BootDevice device = BootDevice::none;  ///< for the boot after the action
  bool power = false;                    ///< whether power is switched at all
  std::string then{};                    ///< for finish
  std::string changes{};                 ///< for finish: "keep", "discard"; empty: nobody said it, and they are kept
  std::optional<TicketOrder> ticket{};   ///< for ticket
  std::vector<TaskStep> steps{};
  std::optional<TaskError> error{};
  WallTime created{};
  WallTime deadline{};
  std::optional<WallTime> ended{};
  std::string claim{};     ///< of the netbootd that works on it; empty: none
  bool take_back = false;  ///< after a rescue: its BMC must clear the boot device that was set

  bool operator==(const Task&) const = default;
  /// Throws std::out_of_range.
  [[nodiscard]] TaskStep& step(std::string_view name);
};

struct TaskLimits {
  unsigned threads = 4;            ///< for tasks; calls to BMCs have their own threads
  Milliseconds rescue{1'800'000};  ///< from the request until the session is serving
  Milliseconds finish{600'000};
  Milliseconds ticket{60'000};  ///< until the host has opened or ended a ticket
};

[[nodiscard]] bool is_over(TaskState state) noexcept;
/// True for tasks of one command to the host agent of a session that serves.
[[nodiscard]] bool is_command(TaskKind kind) noexcept;
/// True if a rescue may have set its server's boot device, and the server has not booted since.
[[nodiscard]] bool has_set_boot_device(const Task& task) noexcept;

void begin(TaskStep& step, WallTime now);
/// Also begins it if needed.
void end(TaskStep& step, StepState state, WallTime now, std::string detail = {});
/// Also ends running steps, and skips pending ones.
void end(Task& task, TaskState state, WallTime now, std::optional<TaskError> error = std::nullopt);
[[nodiscard]] TaskError task_error(const ErrorReport& report);

}  // namespace rescue::netboot
