// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs batch files under Wine.

#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rescue::tests {

/// A Windows of its own, in a folder of the test.
class Wine {
public:
  ~Wine() {
    try {
      (void)call({"wineserver", "--kill"});
      (void)call({"wineserver", "--wait"});  // it writes its files at its end
    } catch (const Error&) {                 // it was not started
    }
  }

  /// Path of a file on drive C, for this machine.
  [[nodiscard]] std::string on_drive_c(const std::string& name) const { return folder_.file("prefix/drive_c/" + name); }

  /// Runs a batch file and returns its output; none if Wine is not installed. `prepare` runs when drive C is there.
  [[nodiscard]] std::optional<std::string> run_batch(
      const std::string& text, const std::function<void()>& prepare = [] {}) const {
    try {
      (void)call({"wine", "--version"});
    } catch (const Error&) {
      return std::nullopt;
    }
    const auto batch = folder_.write("batch.cmd", text);
    run_checked(command({"wine", "wineboot", "--init"}));
    prepare();
    return call({"wine", "cmd", "/c", batch}).out;
  }

private:
  [[nodiscard]] Command command(std::vector<std::string> argv) const {
    Command command;
    command.argv = std::move(argv);
    command.time_limit = Milliseconds(240'000);
    command.environment = {"WINEPREFIX=" + folder_.file("prefix"), "WINEDEBUG=-all",
                           "WINEDLLOVERRIDES=mscoree,mshtml=", "DISPLAY="};
    return command;
  }
  [[nodiscard]] Completed call(std::vector<std::string> argv) const { return run(command(std::move(argv))); }

  ScratchFolder folder_;
};

}  // namespace rescue::tests
