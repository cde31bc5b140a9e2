// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Program that runs beside ours, and never longer: core/subprocess.hpp is for programs whose end is waited for.

#include "core/clock.hpp"
#include "core/handle.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace rescue::vm {

class ChildProcess {
public:
  /// Starts `argv`, with `inherited` descriptors under their own numbers, no input, and its output in `log`.
  /// The kernel kills it when the thread that starts it ends. Throws `subprocess`.
  ChildProcess(std::vector<std::string> argv, const std::string& log, const std::vector<int>& inherited);
  /// Ends it: SIGTERM, after 5 s SIGKILL.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// True when it has ended; blocks for at most `limit`.
  [[nodiscard]] bool wait(Milliseconds limit);
  /// Sends SIGTERM, and SIGKILL if it still runs after `grace`. Idempotent.
  void end(Milliseconds grace) noexcept;
  /// Exit status, or 128 + signal; none while it runs.
  [[nodiscard]] std::optional<int> status() const { return status_; }
  /// Last lines that it printed, printable, at most 2 KiB.
  [[nodiscard]] std::string last_words() const;
  [[nodiscard]] pid_t pid() const { return pid_; }

private:
  std::string log_;
  pid_t pid_ = -1;
  FileDescriptor exit_;  ///< pidfd
  std::optional<int> status_;
};

}  // namespace rescue::vm
