// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The machine in which Setup runs, from its first key to the sealed system: nothing in here knows which system it is.

#include "core/clock.hpp"
#include "images/builder/job.hpp"
#include "images/builder/progress.hpp"
#include "images/builder/setup_log.hpp"
#include "images/builder/setup_watch.hpp"
#include "images/vm/machine.hpp"

#include <memory>
#include <stop_token>
#include <string>

namespace rescue::builder {

/// Files of an installation, all in the work folder.
struct InstallerFiles {
  std::string disk;        ///< raw
  std::string answers;     ///< ISO
  std::string machine;     ///< folder of the machine
  std::string screenshot;  ///< PNG, replaced every few seconds
};

/// For one thread. Each step throws `interrupted` when a stop is requested, and `io` when the file system is nearly
/// full.
class Installer {
public:
  Installer(const Job& job, InstallerFiles files, Progress& progress, Clock& clock, std::stop_token stop);

  /// Starts the machine, and presses keys until the first CD is read: Microsoft's media boot only then. Throws
  /// `timeout`.
  void start();
  /// Waits until Setup has ended and the guest agent answers. Throws `timeout` if it hangs or takes too long, and
  /// `guest_agent` with Setup's own words if it stops with an error.
  void wait_for_system();
  /// Runs the checks, and installs drivers that are missing. Throws `guest_agent` that names the check.
  void check();
  /// Restarts the system, and counts its drivers again: Windows installs drivers at its first start that fail then.
  void restart();
  /// Runs the commands that seal the system, and shuts it down.
  void seal();
  /// Takes a last screenshot; never throws.
  void take_last_picture() noexcept;
  /// Ends the machine without the guest's help.
  void end() { machine_.reset(); }

  [[nodiscard]] std::string serial_log() const { return files_.machine + "/serial.log"; }
  [[nodiscard]] const vm::MachineFacts& facts() const { return facts_; }

private:
  void press_keys_until_the_medium_is_read();
  [[nodiscard]] std::uint64_t bytes_read_from_medium();
  void look();
  void take_events();
  void take_picture();
  void report_setup();
  [[nodiscard]] bool system_is_ready();
  [[nodiscard]] std::vector<std::string> missing_drivers();
  void run(const GuestCommand& command);

  const Job& job_;
  InstallerFiles files_;
  Progress& progress_;
  Clock& clock_;
  std::stop_token stop_;
  SetupWatch watch_;
  SetupLog log_;
  std::unique_ptr<vm::Machine> machine_;
  vm::MachineFacts facts_;
  MachineSample sample_;
  SteadyTime next_picture_{};
  SteadyTime next_question_{};
  bool agent_is_open_ = false;  ///< the guest has opened its end of the channel
  bool agent_was_open_ = false;
};

}  // namespace rescue::builder
