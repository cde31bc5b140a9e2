// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Retries with a deadline: pauses that double, and polling for what nobody announces.

#include "core/clock.hpp"

#include <algorithm>

namespace rescue {

/// The pauses between attempts: each is twice the one before, up to a longest one. The time begins with the object.
class BackOff {
public:
  struct Pauses {
    Milliseconds first{500};
    Milliseconds longest{8'000};
  };

  /// `limit` is for all attempts and the pauses between them.
  BackOff(Clock& clock, Milliseconds limit, Pauses pauses)
      : clock_(clock), deadline_(clock.now() + limit), pause_(pauses.first), longest_(pauses.longest) {}
  BackOff(Clock& clock, Milliseconds limit) : BackOff(clock, limit, Pauses()) {}

  /// True when the next pause would last until the deadline or longer: no attempt is left.
  [[nodiscard]] bool is_over() const { return clock_.now() + pause_ >= deadline_; }
  /// The time until the deadline; negative behind it.
  [[nodiscard]] Milliseconds left() const { return std::chrono::duration_cast<Milliseconds>(deadline_ - clock_.now()); }
  /// Blocks for the next pause. False when `stop` is requested.
  [[nodiscard]] bool wait(const std::stop_token& stop = {}) {
    const auto pause = pause_;
    pause_ = std::min(pause_ * 2, longest_);
    return clock_.sleep_for(pause, stop);
  }

private:
  Clock& clock_;
  SteadyTime deadline_;
  Milliseconds pause_;
  Milliseconds longest_;
};

/// Calls `is_done` until it is true, every `pause`, for `limit` at most. What it has said last.
template <class Condition>
[[nodiscard]] bool poll_until(Clock& clock, Milliseconds limit, Milliseconds pause, Condition is_done) {
  const auto deadline = clock.now() + limit;
  while (!is_done()) {
    if (clock.now() >= deadline) return false;
    (void)clock.sleep_for(pause);
  }
  return true;
}

}  // namespace rescue
