// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/session_record.hpp"

#include "core/printable.hpp"

#include <algorithm>

namespace rescue::domain {
namespace {

void clean(std::string& text) {
  constexpr std::size_t longest = 2000;
  text = printable(text, longest);
}

void clean(Failure& failure) {
  clean(failure.message);
  clean(failure.hint);
}

}  // namespace

const StepRecord* SessionRecord::find(StepName name) const {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [name](const StepRecord& step) { return step.name == name; });
  return found == steps.end() ? nullptr : &*found;
}

StepRecord* SessionRecord::find(StepName name) {
  return const_cast<StepRecord*>(std::as_const(*this).find(name));  // NOLINT: one search for both
}

const BootSnapshot* SessionRecord::snapshot_of(const std::string& layer) const {
  const auto found = std::find_if(boot_snapshots.begin(), boot_snapshots.end(),
                                  [&layer](const BootSnapshot& snapshot) { return snapshot.layer == layer; });
  return found == boot_snapshots.end() ? nullptr : &*found;
}

bool SessionRecord::may_be_in_effect(StepName name) const {
  const auto* step = find(name);
  return step != nullptr && step->state != StepState::undone;
}

void make_printable(SessionRecord& record) {
  for (auto& step : record.steps) clean(step.detail);
  for (auto& warning : record.warnings) clean(warning);
  for (auto& failure : record.rollback_failures) clean(failure);
  if (record.failure) clean(*record.failure);
  if (record.announced) clean(record.announced->to);
  if (!record.connection) return;
  for (auto* text : {&record.connection->address, &record.connection->user, &record.connection->ssh_host_key,
                     &record.connection->ssh_host_key_type, &record.connection->rdp_certificate}) {
    clean(*text);
  }
}

}  // namespace rescue::domain
