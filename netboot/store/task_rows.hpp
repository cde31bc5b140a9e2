// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of tasks as values. Inside a transaction only.

#include "netboot/domain/task.hpp"
#include "netboot/store/sql_session.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

struct TaskQuery {
  std::string kind;                                          ///< empty: any
  std::string state;                                         ///< empty: any
  std::vector<std::string> servers;                          ///< empty: of all
  long long before = std::numeric_limits<long long>::max();  ///< the number that the page before ended with
  std::size_t limit = 100;
};

/// Which tasks somebody is ready to look at.
struct TaskChoice {
  std::string server{};  ///< its tasks, due or not; empty: those of any that are due
  long long after = 0;   ///< only with a higher id
};

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
/// Claims of this replica on these tasks last until then.
void renew_claims(soci::session& session, const std::vector<long long>& ids, const std::string& replica,
                  WallTime until);
/// Ends the claim that `task` has; `by` is the replica that may still be at work, and empty when none is.
void end_claim(soci::session& session, const Task& task, const std::string& by, WallTime due);
/// What anybody has claimed may be taken over at once.
void abandon_claims(soci::session& session);
/// Nothing of this task is taken back any more.
void forget_boot_device(soci::session& session, long long id);
/// Nothing of this server's tasks is taken back any more: another one sets a boot device of its own.
void forget_boot_devices(soci::session& session, const std::string& server);
/// Gives the task its id.
void insert_task(soci::session& session, Task& task);
/// Something of it has changed: its take-overs are counted from here on.
void update_task(soci::session& session, const Task& task);

}  // namespace rescue::netboot::rows
