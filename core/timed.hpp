// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Debug lines of what goes on outside of a program: which call, how it ended, and how long it took.

#include "core/log_settings.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>

namespace rescue::log {

/// Writes its line when it goes out of scope, and nothing at other levels than debug. No secret goes into it.
class Timed {
public:
  template <class... Args>
  explicit Timed(fmt::format_string<Args...> format, Args&&... args) {
    if (level() == Level::debug) what_ = fmt::format(format, std::forward<Args>(args)...);
  }
  ~Timed() {
    if (what_.empty()) return;
    try {
      const auto took = std::chrono::steady_clock::now() - began_;
      debug("{}: {}{:.1f} ms", what_, end_, std::chrono::duration<double, std::milli>(took).count());
    } catch (...) {  // a line of the log is worth no end of the program
    }
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

  /// How it ended: "status 0". Without it the line says how long it took only.
  void ended(const std::string& how) {
    if (!what_.empty()) end_ = how + ", ";
  }

private:
  std::string what_;
  std::string end_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace rescue::log
