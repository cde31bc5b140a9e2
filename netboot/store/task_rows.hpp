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
/// The first of these that nobody works on, of a server that nobody works on either.
[[nodiscard]] std::optional<long long> free_task(soci::session& session, const TaskChoice& choice, WallTime now);
/// As above, locked with its server. What another transaction has in hand is passed over.
[[nodiscard]] std::optional<long long> take_free_task(soci::session& session, const TaskChoice& choice, WallTime now);
/// Whether somebody works on a task of this server.
[[nodiscard]] bool is_claimed(soci::session& session, const std::string& server, WallTime now);
void update_claim(soci::session& session, const Task& task, WallTime until, WallTime due);
/// Gives the task its id.
void insert_task(soci::session& session, Task& task);
void update_task(soci::session& session, const Task& task);

}  // namespace rescue::netboot::rows
