// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs programs by argument vectors, never through a shell; captures output, limits time.

#include "core/clock.hpp"
#include "core/secret.hpp"

#include <string>
#include <vector>

namespace rescue {

struct Command {
  std::vector<std::string> argv;         ///< argv[0] is looked up in PATH
  std::string input;                     ///< written to its stdin
  const Secret* secret_input = nullptr;  ///< written after `input`: the only way for secrets to programs
  Milliseconds time_limit{30'000};
  std::vector<std::string> environment;  ///< "NAME=value", added to ours
  int input_descriptor = -1;             ///< its stdin, in place of `input`; stays the caller's
};

struct Completed {
  int status = 0;  ///< exit status, or 128 + signal
  bool timed_out = false;
  std::string out;  ///< at most 4 MiB
  std::string err;
};

/// Runs the program in a process group of its own, which is killed at the time limit.
/// Throws `subprocess` when it can't be started. Blocks for `time_limit` at most.
[[nodiscard]] Completed run(const Command& command);

/// Like `run`, but throws `subprocess` (or `timeout`) with its stderr if it does not exit with 0.
Completed run_checked(const Command& command);

}  // namespace rescue
