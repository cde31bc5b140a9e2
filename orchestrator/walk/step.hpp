// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One thing that a job does to the host, and how it is taken back.

#include <string_view>

namespace rescue::walk {

/// Holds what it needs, and is made for one walk. Not thread-safe.
class Step {
public:
  Step() = default;
  virtual ~Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  Step(Step&&) = delete;
  Step& operator=(Step&&) = delete;

  /// The name of `apply` in the journal: "take-network". Empty for a step that is nothing but its undo, which then
  /// always runs.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// The name of `undo` in the journal: "release-network". Empty for a step that has none.
  [[nodiscard]] virtual std::string_view undo_name() const { return {}; }

  /// Has its effect, or throws.
  virtual void apply() {}

  /// Brings back what the effect lost when the process died. Idempotent, and must accept that the effect is only half
  /// there. Returns false when `apply` has to run again. Throws when the effect can't be had any more.
  virtual bool reapply() { return true; }

  /// Takes the effect back. Idempotent: also for an effect that is only half there. Throws when something is left; the
  /// undoing goes on with the next step all the same.
  virtual void undo() {}
};

}  // namespace rescue::walk
