// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A Windows of its own for one test: a prefix of Wine in a folder of the test.

#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rescue::tests {

class Wine {
public:
  Wine() = default;
  Wine(const Wine&) = delete;
  Wine& operator=(const Wine&) = delete;
  ~Wine() {
    try {
      (void)call({"wineserver", "--kill"});
      (void)call({"wineserver", "--wait"});  // it writes its files at its end
    } catch (const Error&) {                 // it was not started
    }
  }

  [[nodiscard]] bool is_installed() const {
    try {
      (void)call({"wine", "--version"});
      return true;
    } catch (const Error&) {
      return false;
    }
  }
  /// Makes the prefix: the folder "prefix".
  void start() const { run_checked(command({"wine", "wineboot", "--init"})); }
  [[nodiscard]] Completed call(std::vector<std::string> argv) const { return run(command(std::move(argv))); }
  [[nodiscard]] const ScratchFolder& folder() const { return folder_; }
  /// Path of a file on drive C, for this machine.
  [[nodiscard]] std::string on_drive_c(const std::string& name) const { return folder_.file("prefix/drive_c/" + name); }
  /// Runs a batch file and returns its output; none if Wine is not installed. `prepare` runs when drive C is there.
  [[nodiscard]] std::optional<std::string> run_batch(
      const std::string& text, const std::function<void()>& prepare = [] {}) const {
    if (!is_installed()) return std::nullopt;
    const auto batch = folder_.write("batch.cmd", text);
    start();
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

  ScratchFolder folder_;
};

}  // namespace rescue::tests
