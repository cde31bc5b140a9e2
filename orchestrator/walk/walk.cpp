// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/walk/walk.hpp"

#include "core/log.hpp"
#include "core/timed.hpp"

namespace rescue::walk {

using domain::StepState;

domain::Failure failure_of(const std::exception& error, std::string_view step) {
  const auto report = report_of(error);
  return {std::string(step), report.code, report.one_line(), report.hint};
}

void Walk::begin(std::string_view step) {
  const domain::StepRecord fresh{std::string(step), StepState::begun, clock_.wall(), std::nullopt, {}};
  if (auto* again = record_.find(step)) {
    *again = fresh;
  } else {
    record_.steps.push_back(fresh);
  }
}

void Walk::end(std::string_view step, StepState state) {
  auto* record = record_.find(step);
  record->state = state;
  record->ended = clock_.wall();
}

void Walk::save_if_possible() {
  try {
    save_();
  } catch (const std::exception& error) {
    // A step is undone whether it is written down or not.
    log::error("the journal can't be written: {}", error.what());
  }
}

void Walk::in(Steps steps, const std::stop_token& stop) {
  for (auto* step : steps) {
    if (stop.stop_requested()) throw Error(ErrorCode::cancelled, "stopped on request");
    begin(step->name());
    save_();
    log::info("{}", step->name());
    const log::Timed line("step {}", step->name());
    step->apply();
    end(step->name(), StepState::done);
    save_();
  }
}

Steps Walk::bring_back(Steps steps) {
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const auto* record = record_.find(steps[at]->name());
    if (record == nullptr || !steps[at]->reapply()) {
      record_.interrupt();
      return steps.subspan(at);
    }
    if (record->state == StepState::begun) end(steps[at]->name(), StepState::done);
  }
  return {};
}

domain::Failure Walk::fail(const std::exception& error, std::string_view otherwise) {
  const auto* step = record_.in_progress();
  auto failure = failure_of(error, step != nullptr ? std::string_view(step->name) : otherwise);
  if (step != nullptr) end(step->name, StepState::failed);
  return failure;
}

bool Walk::out(Steps steps) {
  record_.rollback_failures.clear();
  for (auto* step : steps) {
    const bool has_effect = !step->name().empty();
    if (has_effect && !record_.may_be_in_effect(step->name())) continue;
    const auto name = step->undo_name();
    begin(name);
    save_if_possible();
    log::info("{}", name);
    const log::Timed line("step {}", name);
    try {
      step->undo();
      end(name, StepState::done);
      if (has_effect) record_.find(step->name())->state = StepState::undone;
    } catch (const std::exception& error) {
      end(name, StepState::failed);
      record_.rollback_failures.push_back(failure_of(error, name));
      log::error("{}: {}", name, record_.rollback_failures.back().message);
    }
    save_if_possible();
  }
  return record_.rollback_failures.empty();
}

}  // namespace rescue::walk
