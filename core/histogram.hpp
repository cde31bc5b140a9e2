// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Histogram of durations, counted without locks; reading it is rare.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace rescue {

class Histogram {
public:
  /// Upper bounds, in microseconds: half a millisecond to ten seconds.
  static constexpr std::array<std::int64_t, 14> bounds{500,       1'000,     2'500,     5'000,     10'000,
                                                       25'000,    50'000,    100'000,   250'000,   500'000,
                                                       1'000'000, 2'500'000, 5'000'000, 10'000'000};

  void add(std::chrono::nanoseconds duration) noexcept {
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    std::size_t bucket = 0;
    while (bucket < bounds.size() && microseconds > bounds[bucket]) ++bucket;
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(microseconds, std::memory_order_relaxed);
  }

  struct Values {
    std::array<std::uint64_t, bounds.size() + 1> counts{};  ///< per bucket; the last: longer than all bounds
    std::int64_t sum = 0;                                   ///< microseconds
  };
  [[nodiscard]] Values values() const noexcept {
    Values values;
    for (std::size_t i = 0; i < counts_.size(); ++i) values.counts[i] = counts_[i].load(std::memory_order_relaxed);
    values.sum = sum_.load(std::memory_order_relaxed);
    return values;
  }

private:
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts_{};
  std::atomic<std::int64_t> sum_{0};
};

}  // namespace rescue
