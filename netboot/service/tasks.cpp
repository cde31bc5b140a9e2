// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/tasks.hpp"

#include "contract/session.hpp"
#include "core/error.hpp"
#include "netboot/service/secret_links.hpp"
#include "netboot/service/session_guard.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/lease_rows.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/session_rows.hpp"
#include "netboot/store/task_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace rescue::netboot {
namespace {

std::optional<Task> at_work(soci::session& session, const std::string& server, TaskKind kind) {
  for (auto& task : rows::unfinished_tasks(session, server)) {
    if (task.kind == kind) return std::move(task);
  }
  return std::nullopt;
}

void refuse_while(soci::session& session, const std::string& server, TaskKind kind) {
  if (const auto task = at_work(session, server, kind)) {
    throw Error(ErrorCode::conflict, fmt::format("task t-{} ({}) of {} is at work", task->id, name_of(kind), server),
                fmt::format("Look at it: netbootctl task show t-{}", task->id));
  }
}

void refuse_lost_changes(const FinishOrder& order, const RescueRequest& request, const std::string& server) {
  if (order.changes != name_of(contract::Changes::discard) || can_discard_changes(request)) return;
  throw Error(
      ErrorCode::conflict,
      fmt::format("the rescue of {} writes directly to its disks (disk_mode {}): its changes can't be discarded",
                  server, request.disk_mode),
      "Finish with changes=keep. Nothing was done.");
}

void refuse_without_decision(const FinishOrder& order, const std::optional<AgentSession>& agent,
                             const std::string& server) {
  if (!order.changes.empty() || !agent || agent->ended || !agent->revoked.empty() || !is_undecided(*agent)) return;
  throw Error(ErrorCode::conflict,
              fmt::format("the rescue of {} has failed, and what its guest wrote is kept apart", server),
              "Decide: finish with changes=keep writes it to the server's disks, changes=discard drops it.");
}

/// Throws `conflict` unless the agent's session serves, and the agent is alive to get a command. `on_host`: what does
/// the same there.
void require_serving(const std::optional<AgentSession>& agent, const std::string& server, const AgentRules& rules,
                     WallTime now, const char* on_host) {
  const bool is_there = agent && !agent->ended && agent->revoked.empty();
  if (!is_there || agent->phase != name_of(contract::Phase::serving)) {
    throw Error(ErrorCode::conflict, fmt::format("no rescue session of {} serves", server),
                fmt::format("Look at it: netbootctl rescue show {}", server));
  }
  if (is_alive(*agent, rules, now)) return;
  throw Error(ErrorCode::conflict,
              fmt::format("the host of {} is silent: its last heartbeat came at {}", server, rfc3339(agent->heard)),
              fmt::format("Nothing was done. Retry when it is back, or on the host: {}.", on_host));
}

void refuse_late_cancel(soci::session& session, Task& task) {
  const auto refuse = [&task](const std::string& why, const std::string& hint) {
    throw Error(ErrorCode::conflict, fmt::format("task t-{} ({}) {}", task.id, name_of(task.kind), why), hint);
  };
  if (is_over(task.state)) refuse(fmt::format("is over: it has {}", name_of(task.state)), "");
  const auto& server = task.server.text();
  if (task.kind == TaskKind::rescue) {
    const auto agent = rows::latest_session(session, server);
    if (agent && agent->lease == task.lease && !agent->ended) {
      refuse("has a session already", "Finish it: netbootctl rescue finish " + server);
    }
  } else if (task.kind == TaskKind::finish && task.step("host").state != StepState::pending) {
    refuse("has told the host already", "It ends by itself; then ask for the rescue again.");
  } else if (is_command(task.kind) && task.step("host").state != StepState::pending) {
    refuse("has told the host already", "Retry when it is over.");
  } else if (task.kind == TaskKind::power && task.state != TaskState::queued) {
    refuse("has asked the BMC already", "Switch the power back when it is over.");
  }
}

/// A rescue that is over before its server has booted: what the BMC was told for that boot is to be taken back.
void end_early(Task& task, WallTime now, TaskError why) {
  task.take_back = task.take_back || has_set_boot_device(task);
  end(task, TaskState::cancelled, now, std::move(why));
}

Task new_task(TaskKind kind, const ServerName& server, const std::string& requested_by, WallTime now,
              Milliseconds time_limit, std::initializer_list<const char*> steps) {
  Task task{0, kind, server};
  task.requested_by = requested_by;
  task.created = now;
  task.deadline = now + time_limit;
  for (const auto* const name : steps) task.steps.push_back({name});
  return task;
}

}  // namespace

Task Tasks::begin_rescue(const ServerName& name, const LeaseRequest& request, bool power, Milliseconds time_limit) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    const auto now = store_.now();
    rows::lock_server(session, name);
    refuse_while(session, name.text(), TaskKind::rescue);
    refuse_while(session, name.text(), TaskKind::finish);
    guard::refuse_while_in_session(session, name.text(), rules_, store_.limits(), now);
    auto task = new_task(TaskKind::rescue, name, request.requested_by, now, time_limit,
                         {"lease", "power", "boot-script", "rescue-system"});
    task.power = power;
    rows::forget_boot_devices(session, name.text());
    task.device = BootDevice::network;
    task.lease = rows::grant_lease(session, name.text(), request, now).id;
    changed.server(name.text());
    end(task.step("lease"), StepState::done, now);
    if (!power) end(task.step("power"), StepState::skipped, now, "nobody asked for it: the server is reset by hand");
    rows::insert_task(session, task);
    changed.task(task.id, name.text());
    return task;
  });
}

Task Tasks::begin_finish(const ServerName& name, const FinishOrder& order, Milliseconds time_limit) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    const auto now = store_.now();
    rows::lock_server(session, name);
    refuse_while(session, name.text(), TaskKind::finish);
    const auto lease = rows::current_lease(session, name.text());
    const auto agent = rows::latest_session(session, name.text());
    const bool in_session = agent && !agent->ended;
    if (!in_session && !guard::stands(lease, store_.limits(), now)) {
      throw Error(ErrorCode::conflict, fmt::format("there is no rescue of {} to finish", name.text()),
                  fmt::format("What it boots, and why: netbootctl boot-mode show {}", name.text()));
    }
    const auto finished_lease = in_session ? agent->lease : lease->id;
    const auto request = rows::request_of_lease(session, finished_lease);
    refuse_lost_changes(order, request, name.text());
    refuse_without_decision(order, agent, name.text());
    if (auto rescue = at_work(session, name.text(), TaskKind::rescue)) {
      end_early(*rescue, now, TaskError{"cancelled", "the rescue was finished by " + order.requested_by, ""});
      rows::update_task(session, *rescue);
      changed.task(rescue->id, name.text());
    }
    auto task = new_task(TaskKind::finish, name, order.requested_by, now, time_limit, {"host", "lease", "power"});
    task.lease = finished_lease;
    task.then = order.then.empty() ? request.then : order.then;
    task.changes = order.changes;
    task.power = order.force;
    rows::insert_task(session, task);
    changed.task(task.id, name.text());
    return task;
  });
}

struct Tasks::Command {
  TaskKind kind;
  const char* on_host;  ///< what does the same on the host
  /// Throws `conflict` if the command makes no sense, and does what belongs to its begin.
  std::function<void(soci::session&, const AgentSession&, ChangeSet&)> prepare;
  std::optional<TicketOrder> ticket{};
};

Task Tasks::begin_command(const ServerName& name, const Command& command, const std::string& requested_by,
                          Milliseconds time_limit) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    const auto now = store_.now();
    rows::lock_server(session, name);
    (void)rows::require_server(session, name);
    // A session has room for one command.
    for (const auto kind : {TaskKind::reissue, TaskKind::ticket, TaskKind::ticket_end, TaskKind::finish}) {
      refuse_while(session, name.text(), kind);
    }
    const auto agent = rows::latest_session(session, name.text());
    require_serving(agent, name.text(), rules_, now, command.on_host);
    command.prepare(session, *agent, changed);
    auto task = new_task(command.kind, name, requested_by, now, time_limit, {"host"});
    task.lease = agent->lease;
    task.ticket = command.ticket;
    rows::insert_task(session, task);
    changed.task(task.id, name.text());
    return task;
  });
}

Task Tasks::begin_reissue(const ServerName& name, const std::string& requested_by, Milliseconds time_limit) {
  const auto prepare = [&](soci::session& session, const AgentSession& agent, ChangeSet& changed) {
    const auto request = rows::request_of_lease(session, agent.lease);
    if (request.public_key.empty() && !request.link) {
      throw Error(ErrorCode::conflict,
                  "the request of this rescue has neither a public key nor a link: nobody would get "
                  "the new credentials",
                  "On the host: rescuectl credentials rotate.");
    }
    revoke_links_of_agents(session, name.text(), agent.id, requested_by, store_.now(), changed);
  };
  return begin_command(name, {TaskKind::reissue, "rescuectl credentials rotate", prepare}, requested_by, time_limit);
}

Task Tasks::begin_ticket(const ServerName& name, const TicketOrder& order, const std::string& requested_by,
                         Milliseconds time_limit) {
  const auto prepare = [&](soci::session& session, const AgentSession& agent, ChangeSet&) {
    if (rows::request_of_lease(session, agent.lease).public_key.empty()) {
      throw Error(ErrorCode::conflict,
                  "the request of this rescue has no public key: nobody could read the number of the ticket",
                  "On the host: rescuectl ticket open.");
    }
    if (!has_open_ticket(agent)) return;
    throw Error(ErrorCode::conflict, fmt::format("a ticket of {} is open", name.text()),
                fmt::format("Look at it: netbootctl ticket show {0}; end it: netbootctl ticket end {0}", name.text()));
  };
  return begin_command(name, {TaskKind::ticket, "rescuectl ticket open", prepare, order}, requested_by, time_limit);
}

Task Tasks::begin_ticket_end(const ServerName& name, const std::string& requested_by, Milliseconds time_limit) {
  const auto prepare = [&](soci::session&, const AgentSession& agent, ChangeSet&) {
    if (has_open_ticket(agent)) return;
    throw Error(ErrorCode::conflict, fmt::format("no ticket of {} is open", name.text()));
  };
  return begin_command(name, {TaskKind::ticket_end, "rescuectl ticket end", prepare}, requested_by, time_limit);
}

Task Tasks::begin_power(const ServerName& name, PowerAction action, BootDevice device, const std::string& requested_by,
                        Milliseconds time_limit, bool force) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, name);
    if (!rows::require_server(session, name).bmc) {
      throw Error(ErrorCode::precondition, fmt::format("{} has no BMC that netbootd knows", name.text()),
                  fmt::format("Tell it: netbootctl server bmc {}", name.text()));
    }
    refuse_while(session, name.text(), TaskKind::power);
    if (action != PowerAction::on && !force) {
      guard::refuse_while_host_lives(session, name.text(), rules_, store_.now(),
                                     "With force the power is cut under the customer's VM all the same.");
    }
    if (device != BootDevice::none) rows::forget_boot_devices(session, name.text());
    auto task = new_task(TaskKind::power, name, requested_by, store_.now(), time_limit, {"boot-device", "power"});
    task.action = action;
    task.device = device;
    task.power = true;
    rows::insert_task(session, task);
    changed.task(task.id, name.text());
    return task;
  });
}

Task Tasks::find(long long id) {
  return store_.database().read([&](soci::session& session) {
    if (auto task = rows::find_task(session, id)) return *std::move(task);
    throw Error(ErrorCode::not_found, fmt::format("there is no task t-{}", id));
  });
}

std::vector<Task> Tasks::find(const TaskQuery& query) {
  return store_.database().read([&](soci::session& session) { return rows::find_tasks(session, query); });
}

Task Tasks::cancel(long long id, const std::string& by) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    auto task = rows::find_task(session, id);
    if (!task) throw Error(ErrorCode::not_found, fmt::format("there is no task t-{}", id));
    const auto& server = task->server.text();
    refuse_late_cancel(session, *task);
    const auto lease = rows::current_lease(session, server);
    if (task->kind == TaskKind::rescue && lease && lease->id == task->lease) {
      rows::end_current_lease(session, server, store_.now(), by);
      changed.server(server);
    }
    end_early(*task, store_.now(), TaskError{"cancelled", "it was cancelled by " + by, ""});
    rows::update_task(session, *task);
    changed.task(task->id, server);
    return *task;
  });
}

std::vector<Task> Tasks::unfinished() {
  return store_.database().read([](soci::session& session) { return rows::unfinished_tasks(session); });
}

bool Tasks::save(const Task& task) {
  return store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, task.server);
    const auto before = rows::find_task(session, task.id);
    if (!before || is_over(before->state)) return false;
    if (before->claim != task.claim)
      throw ClaimLost(fmt::format("task t-{} was taken up by another netbootd", task.id));
    // Without a change there is no progress: deaths over this task are still counted.
    if (*before != task) rows::update_task(session, task);
    changed.task(task.id, task.server.text());
    return true;
  });
}

std::optional<ClaimedTask> Tasks::claim(const TaskChoice& choice, Milliseconds lasts) {
  auto& database = store_.database();
  // Mostly there is none, and nobody who only looks needs a writer's lock.
  const rows::Claimer looks{database.replica(), store_.now()};
  if (!database.read([&](soci::session& session) { return rows::free_task(session, choice, looks); }))
    return std::nullopt;
  return database.write([&](soci::session& session) -> std::optional<ClaimedTask> {
    const rows::Claimer claimer{database.replica(), store_.now()};
    const auto id = rows::take_free_task(session, choice, claimer);
    if (!id) return std::nullopt;
    auto task = rows::find_task(session, *id).value();
    // Looked at again under the lock of its server.
    if (rows::is_claimed(session, task.server.text(), claimer)) return std::nullopt;
    const bool taken_over = !task.claim.empty();
    task.claim = database.replica();
    const auto taken_up = rows::update_claim(session, task, claimer.now + lasts, taken_over);
    return ClaimedTask{std::move(task), taken_over, taken_up};
  });
}

void Tasks::renew_claims(const std::vector<long long>& ids, Milliseconds lasts) {
  if (ids.empty()) return;
  auto& database = store_.database();
  database.write(
      [&](soci::session& session) { rows::renew_claims(session, ids, database.replica(), store_.now() + lasts); });
}

void Tasks::took_back(const Task& task) {
  store_.database().write([&](soci::session& session) { rows::forget_boot_device(session, task.id); });
}

void Tasks::end_claim(const Task& task, const std::string& by, WallTime due) {
  store_.database().write([&](soci::session& session) { rows::end_claim(session, task, by, due); });
}

void Tasks::release(const Task& task, Milliseconds after) {
  end_claim(task, {}, std::min(store_.now() + after, std::max(task.deadline, store_.now() + after / 4)));
}

void Tasks::abandon(const Task& task) { end_claim(task, task.claim, store_.now()); }

void Tasks::abandon_all() {
  store_.database().write([](soci::session& session) { rows::abandon_claims(session); });
}

std::string Tasks::lease_ended_by(long long lease) {
  return store_.database().read([&](soci::session& session) { return rows::lease_ended_by(session, lease); });
}

}  // namespace rescue::netboot
