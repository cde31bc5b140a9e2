// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/commands.hpp"

#include <fmt/format.h>

#include <array>

namespace rescue::session {
namespace {

using domain::Phase;
using domain::SessionRecord;

enum class Rule {
  no,
  yes,
  when_all_is_undone,       ///< nothing is left of the last session
  when_the_host_is_to_end,  ///< the session is over, and its reboot or power-off is still to come
};

struct Row {
  Phase phase;
  Rule start;
  Rule finish;
  Rule rotate_credentials;
  Rule care_for_guest;
};

using enum Rule;
constexpr std::array<Row, 6> table{{
    // phase, start, finish, rotate_credentials, care_for_guest
    {Phase::idle, yes, no, no, no},
    {Phase::starting, no, yes, no, no},
    {Phase::serving, no, yes, yes, yes},
    {Phase::finishing, no, yes, no, no},
    {Phase::finished, yes, when_the_host_is_to_end, no, no},
    {Phase::failed, when_all_is_undone, yes, no, no},
}};

Rule rule_of(Command command, Phase phase) {
  const auto& row = table.at(static_cast<std::size_t>(phase));
  switch (command) {
  case Command::start:
    return row.start;
  case Command::finish:
    return row.finish;
  case Command::rotate_credentials:
    return row.rotate_credentials;
  case Command::care_for_guest:
    return row.care_for_guest;
  }
  return Rule::no;
}

Error refusal(Command command, const SessionRecord& record) {
  switch (command) {
  case Command::start:
    if (!record.active() && !record.rollback_failures.empty()) {
      return {ErrorCode::rollback_incomplete,
              "the last session left something behind: " + all_messages(record.rollback_failures),
              "Run `rescuectl finish` until it ends without an error."};
    }
    return {ErrorCode::conflict, fmt::format("session {} is {}", record.id, name_of(record.phase)),
            "Watch it with `rescuectl status --watch`, or end it with `rescuectl finish`."};
  case Command::finish:
    return {ErrorCode::conflict, "there is no session to finish", "`rescuectl status` shows what there is."};
  case Command::rotate_credentials:
  case Command::care_for_guest:
    break;
  }
  return {ErrorCode::conflict, fmt::format("there is no serving session: it is {}", name_of(record.phase)),
          "Start one with `rescuectl start --wait`, which gives its credentials."};
}

constexpr bool in_order_of_phases() {
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.at(row).phase != static_cast<Phase>(row)) return false;
  }
  return true;
}
static_assert(in_order_of_phases());

}  // namespace

bool allowed(Command command, const SessionRecord& record) {
  switch (rule_of(command, record.phase)) {
  case Rule::no:
    return false;
  case Rule::yes:
    return true;
  case Rule::when_all_is_undone:
    return record.rollback_failures.empty();
  case Rule::when_the_host_is_to_end:
    return record.end_pending;
  }
  return false;
}

void require_possible(const domain::FinishOrder& order, const SessionRecord& record) {
  if (order.changes != domain::Changes::discard) return;
  if (!record.plan || !record.may_be_in_effect(domain::StepName::start_guest)) return;  // no guest has run yet
  if (record.plan->guest.disk_mode != domain::DiskMode::read_write) return;
  throw Error(ErrorCode::precondition,
              fmt::format("the guest's changes can't be discarded: the session's disk mode is {}",
                          name_of(record.plan->guest.disk_mode)),
              "Finish without `discard`: the changes stay on the server's disks.");
}

void require_allowed(Command command, const SessionRecord& record) {
  if (!allowed(command, record)) throw refusal(command, record);
}

}  // namespace rescue::session
