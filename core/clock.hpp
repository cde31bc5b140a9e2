// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Clock as a dependency: a test advances it instead of waiting.

#include <chrono>
#include <stop_token>
#include <string>

namespace rescue {

using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
public:
  virtual ~Clock() = default;
  /// Monotonic time, for deadlines and durations.
  [[nodiscard]] virtual SteadyTime now() const = 0;
  /// Wall-clock time, for people.
  [[nodiscard]] virtual WallTime wall() const = 0;
  /// Blocks for `duration`, or until `stop` is requested. Returns false when stopped.
  virtual bool sleep_for(Milliseconds duration, std::stop_token stop = {}) = 0;
};

class SystemClock final : public Clock {
public:
  [[nodiscard]] SteadyTime now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] WallTime wall() const override { return std::chrono::system_clock::now(); }
  bool sleep_for(Milliseconds duration, std::stop_token stop = {}) override;
};

/// Formats as RFC 3339 in UTC with milliseconds: 2026-11-21T08:34:19.250Z.
[[nodiscard]] std::string rfc3339(WallTime time);

}  // namespace rescue
