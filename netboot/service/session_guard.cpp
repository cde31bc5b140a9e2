// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/session_guard.hpp"

#include "core/error.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/session_rows.hpp"
#include "netboot/store/task_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot::guard {
namespace {

[[noreturn]] void refuse(const AgentSession& agent, const std::string& server, const std::string& hint) {
  const auto finish = fmt::format("Finish it first: netbootctl rescue finish {}", server);
  throw Error(ErrorCode::conflict, fmt::format("{} is in a rescue session ({})", server, agent.phase),
              hint.empty() ? finish : finish + ". " + hint);
}

bool is_at_bmc(Task& task) {
  if (is_command(task.kind)) return false;
  if (task.kind == TaskKind::power) return task.state == TaskState::running;
  return task.step("power").state == StepState::running;
}

bool is_same_bmc(const std::optional<BmcEndpoint>& one, const std::optional<BmcEndpoint>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->sealed_password == other->sealed_password;
}

}  // namespace

bool stands(const std::optional<Lease>& lease, const LeaseLimits& limits, WallTime now) {
  if (!lease) return false;
  const auto state = state_of(*lease, limits, now);
  return state != LeaseState::expired && state != LeaseState::unheard;
}

void refuse_while_in_session(soci::session& session, const std::string& server, const AgentRules& rules,
                             const LeaseLimits& limits, WallTime now, const std::string& hint) {
  const auto agent = rows::latest_session(session, server);
  if (!agent || agent->ended) return;
  const auto lease = rows::current_lease(session, server);
  const bool may_live = stands(lease, limits, now) && lease->id == agent->lease;
  if (may_live || is_alive(*agent, rules, now)) refuse(*agent, server, hint);
}

void refuse_while_host_lives(soci::session& session, const std::string& server, const AgentRules& rules, WallTime now,
                             const std::string& hint) {
  const auto agent = rows::latest_session(session, server);
  if (agent && is_alive(*agent, rules, now)) refuse(*agent, server, hint);
}

void refuse_while_at_bmc(soci::session& session, const std::string& server, const std::string& hint) {
  for (auto& task : rows::unfinished_tasks(session, server)) {
    if (!is_at_bmc(task)) continue;
    throw Error(ErrorCode::conflict,
                fmt::format("task t-{} ({}) is at work at the BMC of {}", task.id, name_of(task.kind), server),
                fmt::format("Wait for it: netbootctl task show t-{}. {}", task.id, hint));
  }
}

void refuse_change_of_address(soci::session& session, const Server& before, const Server& after,
                              const AgentRules& rules, const LeaseLimits& limits, WallTime now,
                              const std::string& hint) {
  if (before.address != after.address) {
    refuse_while_in_session(session, after.name.text(), rules, limits, now, hint);
  }
}

void refuse_change_of_bmc(soci::session& session, const Server& before, const Server& after, const std::string& hint) {
  if (!is_same_bmc(before.bmc, after.bmc)) refuse_while_at_bmc(session, after.name.text(), hint);
}

}  // namespace rescue::netboot::guard
