// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What this process counts, for /metrics. One set for all: who counts need not be handed anything.

#include "core/histogram.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>

namespace rescue::netboot {

using Counter = std::atomic<std::uint64_t>;

struct Counters {
  Counter boots_disk{0};
  Counter boots_rescue{0};
  Counter boots_unknown{0};  ///< of a card that belongs to no server known here
  Counter bmc_failures{0};
  Counter database_errors{0};
  Histogram transactions;
};

[[nodiscard]] inline Counters& counters() noexcept {
  static Counters all;
  return all;
}

/// Counts how long a transaction took, whatever becomes of it.
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
