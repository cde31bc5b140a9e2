// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who speaks with which BMC: one at a time, and not without end who waits for that.

#include "core/clock.hpp"
#include "core/error.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace rescue::netboot {

/// Somebody else speaks with the BMC, and others wait already: nothing was asked of it. To be tried again in a while.
class BmcTaken : public Error {
public:
  explicit BmcTaken(const std::string& message, std::string hint = {})
      : Error(ErrorCode::unavailable, message, std::move(hint)) {}
};

/// BMCs get confused by two sessions at once. A line is the name of one BMC. Thread-safe.
class BmcLines {
public:
  struct Limits {
    unsigned waiting_for_one = 8;
    unsigned waiting = 24;  ///< in all: who waits for a silent BMC must not keep all threads from the others
    Milliseconds patience{15'000};
  };

  BmcLines() : BmcLines(Limits{}) {}
  explicit BmcLines(Limits limits) : limits_(limits) {}

  /// False, and nobody else gets the line before who was refused here: a task is not kept waiting by those who look.
  [[nodiscard]] bool try_take(const std::string& line);
  /// Blocks until it is free. Throws BmcTaken when too many wait, or it is not free in time.
  void take(const std::string& line);
  void give(const std::string& line);
  /// `told` is called, on any thread, whenever a line that was refused is free.
  void on_free(std::function<void()> told);

private:
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::set<std::string> taken_;
  std::set<std::string> refused_;            ///< kept for who was
  std::map<std::string, unsigned> waiting_;  ///< by line
  unsigned all_waiting_ = 0;
  std::function<void()> told_;
};

}  // namespace rescue::netboot
