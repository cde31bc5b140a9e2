// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Counts a route's answers and their durations. Counting costs some nanoseconds and never waits.

#include "core/histogram.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace rescue::http {

struct RouteCounts {
  std::array<std::atomic<std::uint64_t>, 6> by_class{};  ///< index 2: statuses 200 to 299
  Histogram durations;                                   ///< from the request's last byte to the answer's first

  void add(unsigned status, std::chrono::nanoseconds duration) noexcept {
    const auto index = status / 100 < by_class.size() ? status / 100 : 0;
    by_class[index].fetch_add(1, std::memory_order_relaxed);
    durations.add(duration);
  }
};

}  // namespace rescue::http
