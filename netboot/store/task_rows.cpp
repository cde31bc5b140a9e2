// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/task_rows.hpp"

#include "netboot/domain/acting.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/dialect.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <soci/soci.h>

namespace rescue::netboot::rows {
namespace {

using nlohmann::json;

constexpr auto task_columns =
    "SELECT id, kind, server, state, requested_by, lease, power_action, boot_device, power, ending,"
    " steps, error, created_ms, deadline_ms, ended_ms, request_id, claimed_by, changes, take_back, ticket FROM tasks ";

json time_json(const std::optional<WallTime>& time) { return time ? json(to_column(*time)) : json(); }
std::optional<WallTime> time_of(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(from_column(value.get<long long>()));
}

std::string steps_text(const Task& task) {
  auto steps = json::array();
  for (const auto& step : task.steps) {
    steps.push_back({{"name", step.name},
                     {"state", name_of(step.state)},
                     {"began", time_json(step.began)},
                     {"ended", time_json(step.ended)},
                     {"detail", step.detail}});
  }
  return steps.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string error_text(const Task& task) {
  if (!task.error) return {};
  return json{{"code", task.error->code}, {"detail", task.error->detail}, {"hint", task.error->hint}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

PowerAction action_of(const std::string& name) {
  for (const auto action :
       {PowerAction::on, PowerAction::off, PowerAction::reset, PowerAction::shutdown, PowerAction::restart}) {
    if (name == name_of(action)) return action;
  }
  return PowerAction::cycle;
}

BootDevice device_of(const std::string& name) {
  for (const auto device : {BootDevice::network, BootDevice::disk}) {
    if (name == name_of(device)) return device;
  }
  return BootDevice::none;
}

void read_texts(Task& task, const std::string& steps, const std::string& error) {
  for (const auto& step : json::parse(steps)) {
    task.steps.push_back({step["name"], step_state_of(step["state"].get<std::string>()), time_of(step["began"]),
                          time_of(step["ended"]), step["detail"]});
  }
  if (error.empty()) return;
  const auto value = json::parse(error);
  task.error = TaskError{value["code"], value["detail"], value["hint"]};
}

Task to_task(const soci::row& row) {
  Task task{whole_number(row, 0), task_kind_of(row.get<std::string>(1)), ServerName::parse(row.get<std::string>(2))};
  task.state = task_state_of(row.get<std::string>(3));
  task.requested_by = row.get<std::string>(4);
  task.lease = row.get<long long>(5);
  task.action = action_of(row.get<std::string>(6));
  task.device = device_of(row.get<std::string>(7));
  task.power = row.get<int>(8) != 0;
  task.then = row.get<std::string>(9);
  read_texts(task, row.get<std::string>(10), row.get<std::string>(11));
  task.created = from_column(row.get<long long>(12));
  task.deadline = from_column(row.get<long long>(13));
  if (row.get_indicator(14) == soci::i_ok) task.ended = from_column(row.get<long long>(14));
  task.request_id = row.get<std::string>(15);
  task.claim = row.get<std::string>(16);
  task.changes = row.get<std::string>(17);
  task.take_back = row.get<int>(18) != 0;
  if (const auto ticket = row.get<std::string>(19); !ticket.empty()) task.ticket = ticket_order_of(ticket);
  return task;
}

std::vector<Task> all_of(const soci::rowset<soci::row>& found) {
  std::vector<Task> tasks;
  for (const auto& row : found) tasks.push_back(to_task(row));
  return tasks;
}

/// Tasks that can't be claimed: by anyone until the claim expires, and by its own netbootd until it ends the claim.
constexpr auto claimed = "(other.claimed_until_ms > :now OR (other.claimed_until_ms > 0 AND other.claimed_by = :me))";

/// `what` selects tasks that are unfinished, or whose boot device must be cleared. Two statements each, for the
/// indexes: a query for one server must not scan all.
std::optional<long long> find_free(soci::session& session, const TaskChoice& choice, const Claimer& claimer,
                                   const std::string& what, const char* lock) {
  const auto time = to_column(claimer.now);
  long long id = 0;
  const bool of_any = choice.server.empty();
  auto select = session.prepare << "SELECT tasks.id FROM tasks JOIN servers ON servers.name = tasks.server WHERE "
                                << what << " AND tasks.id > :after"
                                << (of_any ? " AND tasks.due_ms <= :now" : " AND tasks.server = :server")
                                << " AND NOT EXISTS (SELECT 1 FROM tasks AS other WHERE other.server = tasks.server"
                                   " AND (other.ended_ms IS NULL OR other.take_back = 1) AND "
                                << claimed << ") ORDER BY tasks.id LIMIT 1" << lock;
  select, soci::use(time, "now"), soci::use(claimer.replica, "me"), soci::use(choice.after, "after"), soci::into(id);
  if (!of_any) select, soci::use(choice.server, "server");
  soci::statement statement(select);
  return statement.execute(true) ? std::optional(id) : std::nullopt;
}

/// Boot devices are cleared first, so that the device of a server's next task stays.
std::optional<long long> find_free(soci::session& session, const TaskChoice& choice, const Claimer& claimer,
                                   const char* lock) {
  const auto to_take_back = find_free(session, choice, claimer, "tasks.take_back = 1", lock);
  return to_take_back ? to_take_back : find_free(session, choice, claimer, "tasks.ended_ms IS NULL", lock);
}

}  // namespace

std::optional<long long> free_task(soci::session& session, const TaskChoice& choice, const Claimer& claimer) {
  return find_free(session, choice, claimer, "");
}

std::optional<long long> take_free_task(soci::session& session, const TaskChoice& choice, const Claimer& claimer) {
  return find_free(session, choice, claimer, dialect_of(session).take_task);
}

bool is_claimed(soci::session& session, const std::string& server, const Claimer& claimer) {
  const auto time = to_column(claimer.now);
  int count = 0;
  session << "SELECT COUNT(*) FROM tasks AS other WHERE other.server = :server"
             " AND (other.ended_ms IS NULL OR other.take_back = 1) AND "
          << claimed,
      soci::use(server, "server"), soci::use(time, "now"), soci::use(claimer.replica, "me"), soci::into(count);
  return count > 0;
}

unsigned update_claim(soci::session& session, const Task& task, WallTime until, bool taken_over) {
  const auto until_time = to_column(until);
  const int times = taken_over ? 1 : 0;
  int taken_up = 0;
  session << "UPDATE tasks SET claimed_by = :by, claimed_until_ms = :until, taken_up = taken_up + :times"
             " WHERE id = :id RETURNING taken_up",
      soci::use(task.claim), soci::use(until_time), soci::use(times), soci::use(task.id), soci::into(taken_up);
  return static_cast<unsigned>(taken_up);
}

void renew_claims(soci::session& session, const std::vector<long long>& ids, const std::string& replica,
                  WallTime until) {
  const auto until_time = to_column(until);
  long long id = 0;
  soci::statement renew = (session.prepare << "UPDATE tasks SET claimed_until_ms = :until"
                                              " WHERE id = :id AND claimed_by = :by AND claimed_until_ms > 0",
                           soci::use(until_time), soci::use(id), soci::use(replica));
  for (const auto one : ids) {
    id = one;
    renew.execute(true);
  }
}

void end_claim(soci::session& session, const Task& task, const std::string& by, WallTime due) {
  const auto due_time = to_column(due);
  session << "UPDATE tasks SET claimed_by = :by, claimed_until_ms = 0, due_ms = :due, taken_up = 0"
             " WHERE id = :id AND claimed_by = :claim",
      soci::use(by), soci::use(due_time), soci::use(task.id), soci::use(task.claim);
}

void abandon_claims(soci::session& session) {
  session << "UPDATE tasks SET claimed_until_ms = 0"
             " WHERE (ended_ms IS NULL OR take_back = 1) AND claimed_until_ms > 0";
}

void forget_boot_device(soci::session& session, long long id) {
  session << "UPDATE tasks SET take_back = 0 WHERE id = :id", soci::use(id);
}

void forget_boot_devices(soci::session& session, const std::string& server) {
  session << "UPDATE tasks SET take_back = 0 WHERE server = :server AND take_back = 1", soci::use(server);
}

std::optional<Task> find_task(soci::session& session, long long id) {
  auto found = all_of((session.prepare << task_columns << "WHERE id = :id", soci::use(id)));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<Task> find_tasks(soci::session& session, const TaskQuery& query) {
  std::string places;
  for (std::size_t i = 0; i < query.servers.size(); ++i) places += fmt::format("{}:server{}", i == 0 ? "" : ", ", i);
  const auto limit = static_cast<int>(query.limit);
  auto prepared = session.prepare << task_columns
                                  << "WHERE id < :before AND (:kind = '' OR kind = :kind) AND (:state = '' OR state = "
                                     ":state)"
                                  << (places.empty() ? "" : " AND server IN (" + places + ")")
                                  << " ORDER BY id DESC LIMIT :limit";
  prepared, soci::use(query.before, "before"), soci::use(query.kind, "kind"), soci::use(query.state, "state"),
      soci::use(limit, "limit");
  for (std::size_t i = 0; i < query.servers.size(); ++i) {
    prepared, soci::use(query.servers[i], fmt::format("server{}", i));
  }
  return all_of(prepared);
}

std::vector<Task> unfinished_tasks(soci::session& session) {
  return all_of((session.prepare << task_columns << "WHERE ended_ms IS NULL ORDER BY id"));
}

std::vector<Task> unfinished_tasks(soci::session& session, const std::string& server) {
  return all_of((session.prepare << task_columns << "WHERE server = :server AND ended_ms IS NULL ORDER BY id",
                 soci::use(server)));
}

void insert_task(soci::session& session, Task& task) {
  if (task.request_id.empty()) task.request_id = current_request_id();
  const std::string kind(name_of(task.kind));
  const std::string state(name_of(task.state));
  const std::string action(name_of(task.action));
  const std::string device(name_of(task.device));
  const int power = task.power ? 1 : 0;
  const auto steps = steps_text(task);
  const auto ticket = task.ticket ? to_json(*task.ticket).dump() : std::string{};
  const auto created = to_column(task.created);
  const auto deadline = to_column(task.deadline);
  session << "INSERT INTO tasks (kind, server, state, requested_by, lease, power_action, boot_device, power, ending,"
             " changes, steps, error, created_ms, deadline_ms, request_id, ticket)"
             " VALUES (:kind, :server, :state, :by, :lease, :action, :device, :power, :ending, :changes, :steps, '',"
             " :created, :deadline, :request, :ticket) RETURNING id",
      soci::use(kind), soci::use(task.server.text()), soci::use(state), soci::use(task.requested_by),
      soci::use(task.lease), soci::use(action), soci::use(device), soci::use(power), soci::use(task.then),
      soci::use(task.changes), soci::use(steps), soci::use(created), soci::use(deadline), soci::use(task.request_id),
      soci::use(ticket), soci::into(task.id);
}

void update_task(soci::session& session, const Task& task) {
  const std::string state(name_of(task.state));
  const auto steps = steps_text(task);
  const auto error = error_text(task);
  auto ended = task.ended ? to_column(*task.ended) : 0;
  auto has_ended = task.ended ? soci::i_ok : soci::i_null;
  const int take_back = task.take_back ? 1 : 0;
  session << "UPDATE tasks SET state = :state, steps = :steps, error = :error, ended_ms = :ended, take_back = :back,"
             " taken_up = 0 WHERE id = :id",
      soci::use(state), soci::use(steps), soci::use(error), soci::use(ended, has_ended), soci::use(take_back),
      soci::use(task.id);
}

}  // namespace rescue::netboot::rows
