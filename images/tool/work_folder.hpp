// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Private folder for throw-away disks and logs, which does not outlive the program.

#include <csignal>
#include <string>
#include <thread>

namespace rescue::tool {

/// Folder in TMPDIR, else in /var/tmp, which is a disk: some GiB. Removed with this object, and when SIGINT, SIGTERM or
/// SIGHUP ends the program. Make it before other threads: they inherit its signal mask. Throws `io` with a hint.
class WorkFolder {
public:
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

private:
  void watch(const std::stop_token& stop) const;

  std::string path_;
  sigset_t before_{};
  std::jthread watcher_;
};

}  // namespace rescue::tool
