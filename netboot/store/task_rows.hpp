// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of tasks as values. Inside a transaction only.

#include "netboot/domain/task.hpp"
#include "netboot/store/tasks.hpp"

#include <soci/soci.h>

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

struct TaskQuery;

}  // namespace rescue::netboot

namespace rescue::netboot::rows {

[[nodiscard]] std::optional<Task> find_task(soci::session& session, long long id);
[[nodiscard]] std::vector<Task> find_tasks(soci::session& session, const TaskQuery& query);
[[nodiscard]] std::vector<Task> unfinished_tasks(soci::session& session);
[[nodiscard]] std::vector<Task> unfinished_tasks(soci::session& session, const std::string& server);
/// Who wants a task, and when.
struct Claimer {
  const std::string& replica;
  WallTime now;
};

/// The first of these that nobody works on, of a server that nobody works on either; nor has the claimer it in hand.
[[nodiscard]] std::optional<long long> free_task(soci::session& session, const TaskChoice& choice,
                                                 const Claimer& claimer);
/// As above, locked with its server. What another transaction has in hand is passed over.
[[nodiscard]] std::optional<long long> take_free_task(soci::session& session, const TaskChoice& choice,
                                                      const Claimer& claimer);
/// Whether somebody works on a task of this server.
[[nodiscard]] bool is_claimed(soci::session& session, const std::string& server, const Claimer& claimer);
/// Returns how often the task was taken over since something of it was last saved.
[[nodiscard]] unsigned update_claim(soci::session& session, const Task& task, WallTime until, bool taken_over);
/// Nothing of this server's tasks is taken back any more: another one sets a boot device of its own.
void forget_boot_devices(soci::session& session, const std::string& server);
/// Gives the task its id.
void insert_task(soci::session& session, Task& task);
/// Something of it has changed: its take-overs are counted from here on.
void update_task(soci::session& session, const Task& task);

}  // namespace rescue::netboot::rows
