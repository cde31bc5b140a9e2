// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One stretch of a task's way: what can be done now is done, what must be waited for is looked at.

#include "netboot/store/sessions.hpp"
#include "netboot/store/tasks.hpp"
#include "netboot/tasks/bmc_access.hpp"

#include <stop_token>

namespace rescue::netboot {

/// What tasks work with. All of it outlives them.
struct TaskTools {
  Store& store;
  Sessions& sessions;
  Tasks& tasks;
  BmcAccess& bmcs;
};

/// Changes the task, and saves it before anything that has an effect outside. Returns once there is nothing to do but
/// wait: a BMC is waited for here, a server is not. Errors end the task, they are not thrown; but for the database's.
/// Requesting `stop` leaves the task as it is, to be taken up by the next netbootd.
void advance(Task& task, TaskTools& tools, const std::stop_token& stop);

/// Parts of the above.
void advance_rescue(Task& task, TaskTools& tools, const std::stop_token& stop);
void advance_finish(Task& task, TaskTools& tools, const std::stop_token& stop);
void advance_power(Task& task, TaskTools& tools, const std::stop_token& stop);

/// Of a task that an earlier netbootd has left running: what can be gone on with is, what can't be known has failed.
void take_up(Task& task, TaskTools& tools);

}  // namespace rescue::netboot
