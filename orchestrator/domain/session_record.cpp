// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/session_record.hpp"

#include <algorithm>

namespace rescue::domain {

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

}  // namespace rescue::domain
