// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Turns SIGINT, SIGTERM and SIGHUP into a stop request, so that a build that is interrupted removes what it has made.

#include <csignal>
#include <stop_token>
#include <thread>

namespace rescue::builder {

/// Made before any other thread: they inherit that these signals are blocked. One for a process.
class StopOnSignal {
public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

private:
  sigset_t signals_{};
  sigset_t before_{};
  std::stop_source stop_;
  std::jthread waiter_;
};

/// Throws `interrupted` if a stop is requested.
void throw_if_stopped(const std::stop_token& stop);

}  // namespace rescue::builder
