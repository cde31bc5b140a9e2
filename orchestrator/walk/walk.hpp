// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Walks a job through its steps: before and after each one, the journal says so. What a job does is not known here.

#include "core/clock.hpp"
#include "orchestrator/domain/walk_record.hpp"
#include "orchestrator/walk/step.hpp"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

namespace rescue::walk {

using Steps = std::span<Step* const>;

/// An error as it is kept in a record: its code, its message with all causes, and its remedy.
[[nodiscard]] domain::Failure failure_of(const std::exception& error, std::string_view step);

class Walk {
public:
  /// `save` writes the record down for good, and throws when it can't.
  Walk(domain::WalkRecord& record, const Clock& clock, std::function<void()> save)
      : record_(record), clock_(clock), save_(std::move(save)) {}

  /// Applies the steps in this order. Throws what a step throws, and leaves that step in progress; `cancelled` between
  /// two steps once `stop` is requested.
  void in(Steps steps, const std::stop_token& stop);

  /// After a crash: brings back the effect of each step that was begun. Returns the steps that are still to be applied:
  /// from the first one that was never begun, or that has to run again. Throws what a step throws.
  [[nodiscard]] Steps bring_back(Steps steps);

  /// Ends the step in progress as failed. Returns the failure as the record keeps it; `otherwise` names what failed
  /// when no step is in progress.
  domain::Failure fail(const std::exception& error, std::string_view otherwise = {});

  /// Undoes, in this order, each step whose effect may be there. A step that throws is recorded in rollback_failures,
  /// and the next one is undone all the same; so it is when the journal can't be written. Returns true when nothing is
  /// left.
  bool out(Steps steps);

private:
  void begin(std::string_view step);
  void end(std::string_view step, domain::StepState state);
  void save_if_possible();

  domain::WalkRecord& record_;
  const Clock& clock_;
  std::function<void()> save_;
};

}  // namespace rescue::walk
