// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Advances a task: does what is possible now, and checks what it waits for.

#include "core/in_turns.hpp"
#include "core/log.hpp"
#include "netboot/bmc/bmc_access.hpp"
#include "netboot/service/leases.hpp"
#include "netboot/service/servers.hpp"
#include "netboot/service/sessions.hpp"
#include "netboot/service/tasks.hpp"
#include "netboot/store/database_failure.hpp"

#include <algorithm>

namespace rescue::netboot {

/// Context of tasks. All of it outlives them.
struct TaskTools {
  Store& store;
  Sessions& sessions;
  Tasks& tasks;
  BmcAccess& bmcs;
  Servers servers{store};
  Leases leases{store};
};

/// Author of the end of a failed rescue's lease, in `ended_by`.
inline constexpr auto failed_rescue = "netbootd: the rescue failed";

/// State of a task for its next turn.
struct TaskTurn {
  std::string bmc;         ///< the line for each turn (BmcLines); empty: none
  bool is_at_work = true;  ///< false: only its claim is to be released
};

/// Resumes the task until it must wait for a server, and releases its claim. Waits for BMCs and for the database
/// between turns. Saves the result of a BMC call as soon as the database is available, and keeps the task until then;
/// an earlier failure of the database only delays the task. Throws nothing but out of memory. All arguments outlive the
/// turns.
InTurns carry_out(ClaimedTask& claimed, TaskTools& tools, TaskTurn& turn);

/// Parts of `carry_out`. They throw `Error` if the task fails; DatabaseFailure: retry later, nothing unsaved was done;
/// ClaimLost.
InTurns advance_rescue(Task& task, TaskTools& tools, TaskTurn& turn);
InTurns advance_finish(Task& task, TaskTools& tools, TaskTurn& turn);
InTurns advance_command(Task& task, TaskTools& tools, TaskTurn& turn);
InTurns advance_power(Task& task, TaskTools& tools, TaskTurn& turn);
/// After a rescue: clears the boot device of its server's BMC, as far as possible.
InTurns take_back_boot_device(const Task& task, TaskTools& tools, TaskTurn& turn);

/// Takes over a task that an earlier netbootd left running: resumes it if possible. Fails it if its state can't be
/// known, or if a netbootd has died twice on it.
void take_up(ClaimedTask& claimed, TaskTools& tools);

/// Retries `work` until the database accepts it: actions already taken must be saved.
template <class Work>
InTurns stored(Work work) {
  constexpr Milliseconds longest(10'000);
  for (Milliseconds wait(250);; wait = std::min(2 * wait, longest)) {
    try {
      work();
      co_return;
    } catch (const DatabaseFailure& error) {
      log::warning("the result of a task is not saved yet: {}", error.what());
    }
    co_yield wait;
  }
}

}  // namespace rescue::netboot
