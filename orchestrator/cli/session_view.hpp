// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A session's status as lines for people: progress while it runs, a summary, a timeline.

#include <nlohmann/json.hpp>

#include <string>

namespace rescue::cli {

/// "12.3 s", "4 min 05 s".
[[nodiscard]] std::string duration_text(std::int64_t milliseconds);

/// All of `status`, on several lines.
[[nodiscard]] std::string summary(const nlohmann::json& status);

/// One line a step: name, state, time it took, what came of it.
[[nodiscard]] std::string timeline(const nlohmann::json& status);

/// Writes progress to stderr: a line that is rewritten on a terminal, one line a step otherwise.
class ProgressDisplay {
public:
  explicit ProgressDisplay(bool terminal) : terminal_(terminal) {}
  void show(const nlohmann::json& status);
  /// What has ended already is not shown: for a command that takes a running session up.
  void skip(const nlohmann::json& status);
  /// Leaves the terminal's line clean.
  void close();

private:
  /// True the first time that it is asked about this run of the step.
  [[nodiscard]] bool is_news(const nlohmann::json& step);
  void write_line(const std::string& line);

  bool terminal_;
  bool line_open_ = false;
  std::string shown_steps_;
};

}  // namespace rescue::cli
