// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Counters of this process, for /metrics. They are global, so that no code has to pass them on.

#include "core/histogram.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace rescue::netboot {

using Counter = std::atomic<std::uint64_t>;

/// Counts by name under a lock: for few names and rare events.
class CountsByName {
public:
  /// Starts `name` at zero, so that it is shown before its first count.
  explicit CountsByName(const std::string& first) : counts_{{first, 0}} {}
  void add(std::string_view name) {
    const std::lock_guard lock(mutex_);
    ++counts_[std::string(name)];
  }
  [[nodiscard]] std::map<std::string, std::uint64_t> values() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
};

struct Counters {
  Counter boots_disk{0};
  Counter boots_unknown{0};              ///< of unknown servers
  CountsByName boots{"rescue-windows"};  ///< of modes other than disk
  Counter bmc_failures{0};
  Counter database_errors{0};
  Histogram transactions;
};

[[nodiscard]] inline Counters& counters() noexcept {
  static Counters all;
  return all;
}

/// Measures the duration of a transaction, committed or not.
class TransactionTimer {
public:
  TransactionTimer() = default;
  ~TransactionTimer() { counters().transactions.add(std::chrono::steady_clock::now() - began_); }
  TransactionTimer(const TransactionTimer&) = delete;
  TransactionTimer& operator=(const TransactionTimer&) = delete;

private:
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace rescue::netboot
