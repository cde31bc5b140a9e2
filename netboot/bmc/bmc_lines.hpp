// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gives each BMC one caller at a time, and limits the callers that wait.

#include "core/clock.hpp"
#include "core/error.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace rescue::netboot {

/// Another caller uses the BMC, and others wait already: nothing was requested. Retry later.
class BmcTaken : public Error {
public:
  explicit BmcTaken(const std::string& message, std::string hint = {})
      : Error(ErrorCode::unavailable, message, std::move(hint)) {}
};

/// Lines: two sessions at once confuse BMCs. A line is the name of one BMC. Thread-safe.
class BmcLines {
public:
  struct Limits {
    unsigned waiting_for_one = 8;
    unsigned waiting = 24;  ///< in all: callers of a silent BMC must not take all threads
    Milliseconds patience{15'000};
  };

  BmcLines() : BmcLines(Limits{}) {}
  explicit BmcLines(Limits limits) : limits_(limits) {}

  /// If the line is taken, returns false and reserves the line for the refused task, ahead of callers of `take`.
  [[nodiscard]] bool try_take(const std::string& line);
  /// Blocks until the line is free. Throws BmcTaken if too many wait, or it is not free in time.
  void take(const std::string& line);
  void give(const std::string& line);
  /// Calls `told`, on any thread, whenever a line that was refused is free.
  void on_free(std::function<void()> told);

private:
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::set<std::string> taken_;
  std::set<std::string> refused_;            ///< reserved for refused callers
  std::map<std::string, unsigned> waiting_;  ///< by line
  unsigned all_waiting_ = 0;
  std::function<void()> told_;
};

}  // namespace rescue::netboot
