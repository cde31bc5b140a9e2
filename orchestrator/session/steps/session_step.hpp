// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Base of the steps of a rescue session: their context, and names from the table of the contract.

#include "orchestrator/session/context.hpp"
#include "orchestrator/walk/step.hpp"

#include <optional>
#include <string>

namespace rescue::session {

class SessionStep : public walk::Step {
public:
  SessionStep(SessionContext& context, std::optional<domain::StepName> name,
              std::optional<domain::StepName> undo_name = std::nullopt)
      : context_(context), name_(name), undo_name_(undo_name) {}

  [[nodiscard]] std::string_view name() const final { return name_ ? name_of(*name_) : std::string_view(); }
  [[nodiscard]] std::string_view undo_name() const final {
    return undo_name_ ? name_of(*undo_name_) : std::string_view();
  }

protected:
  [[nodiscard]] SessionContext& context() { return context_; }
  /// One line on the outcome of `apply` or `undo`, for the journal.
  void note(std::string detail) { write(name_, std::move(detail)); }
  void note_undo(std::string detail) { write(undo_name_, std::move(detail)); }

private:
  void write(std::optional<domain::StepName> step, std::string detail) {
    if (auto* found = context_.record.find(step.value())) found->detail = std::move(detail);
  }

  SessionContext& context_;
  std::optional<domain::StepName> name_;
  std::optional<domain::StepName> undo_name_;
};

}  // namespace rescue::session
