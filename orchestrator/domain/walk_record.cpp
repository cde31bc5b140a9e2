// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/walk_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rescue::domain {

std::string all_messages(const std::vector<Failure>& failures) {
  std::string text;
  for (const auto& failure : failures) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", failure.step, failure.message);
  }
  return text;
}

const StepRecord* WalkRecord::find(std::string_view step) const {
  const auto found = std::find_if(steps.begin(), steps.end(), [step](const auto& one) { return one.name == step; });
  return found == steps.end() ? nullptr : &*found;
}

StepRecord* WalkRecord::find(std::string_view step) {
  return const_cast<StepRecord*>(std::as_const(*this).find(step));  // NOLINT: one search for both
}

bool WalkRecord::may_be_in_effect(std::string_view step) const {
  const auto* found = find(step);
  return found != nullptr && found->state != StepState::undone;
}

const StepRecord* WalkRecord::in_progress() const {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [](const auto& one) { return one.state == StepState::begun; });
  return found == steps.end() ? nullptr : &*found;
}

void WalkRecord::interrupt() {
  for (auto& one : steps) {
    if (one.state == StepState::begun) one.state = StepState::failed;
  }
}

}  // namespace rescue::domain
