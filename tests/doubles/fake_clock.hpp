// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A clock that a test advances: a sleep takes no time and advances it.

#include "core/clock.hpp"

namespace rescue::tests {

class FakeClock final : public Clock {
public:
  [[nodiscard]] SteadyTime now() const override { return steady_; }
  [[nodiscard]] WallTime wall() const override { return wall_; }
  bool sleep_for(Milliseconds duration, std::stop_token stop = {}) override {
    advance(duration);
    return !stop.stop_requested();
  }
  void advance(Milliseconds duration) {
    steady_ += duration;
    wall_ += duration;
  }

private:
  SteadyTime steady_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::hours(24 * 365 * 56)};
};

}  // namespace rescue::tests
