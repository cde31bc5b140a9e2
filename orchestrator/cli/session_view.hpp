// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Formats a session's status for people: progress while it runs, a summary, a timeline.

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace rescue::cli {

/// Duration for people: "12.3 s", "4 min 05 s".
[[nodiscard]] std::string duration_text(std::int64_t milliseconds);

/// Summary of all of `status`, on several lines.
[[nodiscard]] std::string summary(const nlohmann::json& status);

/// Timeline with one line per step: name, state, duration, result.
[[nodiscard]] std::string timeline(const nlohmann::json& status);

/// Writes progress to stderr: one line that is rewritten on a terminal, one line per step otherwise.
class ProgressDisplay {
public:
  explicit ProgressDisplay(bool terminal) : terminal_(terminal) {}
  void show(const nlohmann::json& status);
  /// Hides steps that have ended already: for a command that joins a running session.
  void skip(const nlohmann::json& status);
  /// Clears the terminal's line.
  void close();

private:
  /// True the first time that it is called for this run of the step.
  [[nodiscard]] bool is_news(const nlohmann::json& step);
  void write_line(const std::string& line);

  bool terminal_;
  bool line_open_ = false;
  std::string shown_steps_;
};

}  // namespace rescue::cli
