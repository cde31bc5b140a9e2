// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Loop devices for tests: writable, and recognizable as the test run's own if they are left attached.

#include "core/subprocess.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace rescue::tests {

/// `path` with the name of the test run, by which deploy/lab/lib/leftovers.sh finds a device that is left attached.
inline std::string loop_file(const std::string& path) {
  const char* test_run = std::getenv("RESCUE_RUN");
  return test_run == nullptr ? path : path + "." + std::filesystem::path(test_run).filename().string();
}

inline void detach_loop_device(const std::string& device) {
  if (device.empty()) return;
  Command command;
  command.argv = {"losetup", "--detach", device};
  static_cast<void>(run(command));
}

/// Attaches the next free loop device to `file`. Returns an empty string if losetup can't. Makes it writable, since a
/// loop device stays read-only after its detach.
inline std::string attach_loop_device(const std::string& file, const std::vector<std::string>& options = {}) {
  Command attach;
  attach.argv = {"losetup", "--find", "--show"};
  attach.argv.insert(attach.argv.end(), options.begin(), options.end());
  attach.argv.push_back(file);
  const auto attached = run(attach);
  if (attached.status != 0) return {};
  auto device = attached.out.substr(0, attached.out.find('\n'));
  Command set_writable;
  set_writable.argv = {"blockdev", "--setrw", device};
  static_cast<void>(run_checked(set_writable));
  return device;
}

}  // namespace rescue::tests
