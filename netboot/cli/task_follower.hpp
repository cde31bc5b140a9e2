// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Follows tasks of netbootd to their end.

#include "core/clock.hpp"
#include "core/http/client.hpp"

#include <cstdio>
#include <string>

namespace rescue::netboot::cli {

/// All arguments outlive it.
class TaskFollower {
public:
  /// `err` is for progress: one line for each step whose state has changed.
  TaskFollower(http::Client& client, bool as_json, std::FILE* out, std::FILE* err, Clock& clock)
      : client_(client), json_(as_json), out_(out), err_(err), clock_(clock) {}

  /// Returns a command's output for the task in `answer`; with `wait` at the task's end. Prints a task that has failed
  /// on `out`, and throws its error.
  [[nodiscard]] std::string followed(std::string answer, bool wait);

private:
  http::Client& client_;
  bool json_;
  std::FILE* out_;
  std::FILE* err_;
  Clock& clock_;
};

}  // namespace rescue::netboot::cli
