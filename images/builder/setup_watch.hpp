// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Decides whether an installation that can't be asked still gets ahead.

#include "core/clock.hpp"

#include <cstdint>
#include <string>
#include <unordered_set>

namespace rescue::builder {

/// Sample of a machine from outside.
struct MachineSample {
  std::uint64_t written = 0;  ///< bytes to its disks since its start
  std::uint64_t resets = 0;
  std::uint64_t serial = 0;  ///< bytes on its serial port
  std::string screen;        ///< digest of the picture; empty: none was taken
};

/// Progress is a reset, a serial line, a written MiB, or a screen that was not seen before. A cursor that blinks, an
/// animation that repeats and the log of an idle system are none.
class SetupWatch {
public:
  /// `quiet`: longest time without progress. `total`: of all.
  SetupWatch(Clock& clock, Milliseconds quiet, Milliseconds total);

  /// Throws `timeout` with the limit that is over.
  void observe(const MachineSample& sample);
  [[nodiscard]] Milliseconds without_progress() const;

private:
  [[nodiscard]] bool is_progress(const MachineSample& sample);

  Clock& clock_;
  Milliseconds quiet_;
  Milliseconds total_;
  SteadyTime began_;
  SteadyTime progressed_;
  MachineSample last_;
  std::unordered_set<std::string> screens_;
};

}  // namespace rescue::builder
