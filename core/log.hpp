// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Logging: to journald when systemd runs the program, to stderr otherwise. A Secret can't be formatted, so not logged.

#include "core/words.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace rescue::log {

enum class Level { debug, info, warning, error };
constexpr auto words_of(Level) { return words<Level>("debug", "info", "warning", "error"); }
using rescue::name_of;

/// Once, at the start of main. `program` is the syslog identifier.
void set_up(std::string_view program, Level level = Level::info);
void set_level(Level level);

void write(Level level, std::string_view message);

/// While it lives, lines of this thread say what they belong to: a request's id.
class Context {
public:
  explicit Context(std::string_view request_id) noexcept;  ///< outlives this
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

private:
  const std::string_view outer_;
};

/// The last 500 lines, oldest first: for a program that shows its own log where there is no journal.
[[nodiscard]] std::vector<std::string> recent();

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace rescue::log
