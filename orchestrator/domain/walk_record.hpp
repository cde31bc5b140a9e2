// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Progress of a job, step by step: the part of its journal that a walk keeps. Holds no secret.

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/words.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::domain {

enum class StepState { begun, done, failed, undone };
constexpr auto words_of(StepState) { return words<StepState>("begun", "done", "failed", "undone"); }

struct StepRecord {
  std::string name;  ///< "take-network"
  StepState state = StepState::begun;
  WallTime started;
  std::optional<WallTime> ended;
  std::string detail;  ///< one line about the outcome, for people
};

struct Failure {
  std::string step;  ///< empty: not in a step
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string hint;
};

/// All messages in one line: "release-network: the link is gone; settle-disks: ...".
[[nodiscard]] std::string all_messages(const std::vector<Failure>& failures);

struct WalkRecord {
  std::vector<StepRecord> steps;
  std::vector<Failure> rollback_failures;  ///< what could not be undone

  /// Null when the step was never begun.
  [[nodiscard]] StepRecord* find(std::string_view step);
  [[nodiscard]] const StepRecord* find(std::string_view step) const;
  /// Whether the step was begun and not undone: its effect may exist.
  [[nodiscard]] bool may_be_in_effect(std::string_view step) const;
  /// The step that has begun and not ended. Null between two steps.
  [[nodiscard]] const StepRecord* in_progress() const;
  /// Marks the step in progress as failed: its process has ended.
  void interrupt();
};

using rescue::name_of;

}  // namespace rescue::domain
