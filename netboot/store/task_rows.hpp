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
  std::vector<std::string> servers;                          ///< empty: any
  long long before = std::numeric_limits<long long>::max();  ///< the last number of the previous page
  std::size_t limit = 100;
};

/// Selects tasks to claim.
struct TaskChoice {
  std::string server{};  ///< all its tasks, due or not; empty: due tasks of any server
  long long after = 0;   ///< only tasks with a higher id
};

}  // namespace rescue::netboot

namespace rescue::netboot::rows {

[[nodiscard]] std::optional<Task> find_task(soci::session& session, long long id);
[[nodiscard]] std::vector<Task> find_tasks(soci::session& session, const TaskQuery& query);
[[nodiscard]] std::vector<Task> unfinished_tasks(soci::session& session);
[[nodiscard]] std::vector<Task> unfinished_tasks(soci::session& session, const std::string& server);
/// The netbootd that claims a task, and the time.
struct Claimer {
  const std::string& replica;
  WallTime now;
};

/// The first of these without a claim, on a server without a claim; the claimer must not hold it already.
[[nodiscard]] std::optional<long long> free_task(soci::session& session, const TaskChoice& choice,
                                                 const Claimer& claimer);
/// Like `free_task`, and locks it with its server. Skips rows that another transaction has locked.
[[nodiscard]] std::optional<long long> take_free_task(soci::session& session, const TaskChoice& choice,
                                                      const Claimer& claimer);
/// True if a task of this server is claimed.
[[nodiscard]] bool is_claimed(soci::session& session, const std::string& server, const Claimer& claimer);
/// Returns the number of take-overs of the task since it was last saved.
[[nodiscard]] unsigned update_claim(soci::session& session, const Task& task, WallTime until, bool taken_over);
/// Extends this replica's claims on these tasks until then.
void renew_claims(soci::session& session, const std::vector<long long>& ids, const std::string& replica,
                  WallTime until);
/// Ends the claim on `task`; `by` is the replica that may still be at work, empty: none.
void end_claim(soci::session& session, const Task& task, const std::string& by, WallTime due);
/// Makes all claims available at once.
void abandon_claims(soci::session& session);
/// Cancels the clearing of this task's boot device.
void forget_boot_device(soci::session& session, long long id);
/// Like `forget_boot_device`, for the server's tasks: another one sets a boot device of its own.
void forget_boot_devices(soci::session& session, const std::string& server);
/// Sets the task's id.
void insert_task(soci::session& session, Task& task);
/// Saves the task, and resets its number of take-overs.
void update_task(soci::session& session, const Task& task);

}  // namespace rescue::netboot::rows
