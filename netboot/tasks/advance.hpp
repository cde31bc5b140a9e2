// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One stretch of a task's way: what can be done now is done, what must be waited for is looked at.

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

/// What tasks work with. All of it outlives them.
struct TaskTools {
  Store& store;
  Sessions& sessions;
  Tasks& tasks;
  BmcAccess& bmcs;
  Servers servers{store};
  Leases leases{store};
};

/// Who ends the lease of a rescue that has failed, in the lease's own words.
inline constexpr auto failed_rescue = "netbootd: the rescue failed";

/// What whoever drives a task has to know for its next turn.
struct TaskTurn {
  std::string bmc;         ///< the line that it needs in each turn (BmcLines); empty: it speaks with no BMC
  bool is_at_work = true;  ///< else it is only to be given back: nobody is to be kept off it for longer
};

/// Carries out the task from where it stands until there is nothing to do but wait for a server, and gives it back.
/// Waits for BMCs and for the database in between two turns. What was done at a BMC is saved as soon as the database is
/// there again, and the task is kept until then; before that, a database that fails only means: later. Throws nothing
/// but what memory lacks. All that is named outlives the turns.
InTurns carry_out(ClaimedTask& claimed, TaskTools& tools, TaskTurn& turn);

/// Parts of the above. They throw `Error` for what ends the task as failed; DatabaseFailure: begin again later, nothing
/// was done that is not saved; ClaimLost.
InTurns advance_rescue(Task& task, TaskTools& tools, TaskTurn& turn);
InTurns advance_finish(Task& task, TaskTools& tools, TaskTurn& turn);
InTurns advance_power(Task& task, TaskTools& tools, TaskTurn& turn);
/// Of a rescue that is over: its server's BMC forgets the boot device, as far as it lets us.
InTurns take_back_boot_device(const Task& task, TaskTools& tools, TaskTurn& turn);

/// Of a task that an earlier netbootd has left running: what can be gone on with is, what can't be known has failed,
/// and so has what a netbootd has died over twice.
void take_up(ClaimedTask& claimed, TaskTools& tools);

/// Calls `work` until the database lets it: what has been done outside must not be forgotten.
template <class Work>
InTurns stored(Work work) {
  constexpr Milliseconds longest(10'000);
  for (Milliseconds wait(250);; wait = std::min(2 * wait, longest)) {
    try {
      work();
      co_return;
    } catch (const DatabaseFailure& error) {
      log::warning("what a task has done is not saved yet: {}", error.what());
    }
    co_yield wait;
  }
}

}  // namespace rescue::netboot
