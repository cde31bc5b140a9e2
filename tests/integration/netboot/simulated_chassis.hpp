// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Chassis of a simulated BMC: a script that keeps power and boot device in files and logs changes.

#include "core/file.hpp"

#include <filesystem>
#include <string>

namespace rescue::netboot {

class SimulatedChassis {
public:
  explicit SimulatedChassis(std::string folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_ + "/state");
    turn("off");
    write_file_atomically(folder_ + "/boot", "none\n", 0600);
    write_file_atomically(control(), script(), 0700);
  }

  void turn(const std::string& power) const {
    write_file_atomically(folder_ + "/power", power == "on" ? "1\n" : "0\n", 0600);
  }
  [[nodiscard]] bool is_on() const { return read_file(folder_ + "/power") == "1\n"; }
  [[nodiscard]] std::string boot_device() const { return read_file(folder_ + "/boot"); }
  /// Log of changes, one per line: "power 0", "boot pxe".
  [[nodiscard]] std::string log() const { return read_file_if_exists(folder_ + "/log").value_or(""); }
  /// Makes all further requests no-ops that report success.
  void ignore_requests() const { write_file_atomically(folder_ + "/stuck", "", 0600); }
  /// Path of the script. Usage: CONTROL ID get|set ITEM [VALUE].
  [[nodiscard]] std::string control() const { return folder_ + "/control"; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

private:
  [[nodiscard]] std::string script() const {
    return "#!/bin/sh\n"
           "cd '" +
           folder_ +
           "' || exit 1\n"
           "shift; action=$1; shift\n"
           "case $action in\n"
           "get) for item; do echo \"$item:$(cat \"$item\" 2>/dev/null || echo 0)\"; done ;;\n"
           "set) while [ $# -ge 2 ]; do\n"
           "  echo \"$1 $2\" >>log\n"
           "  [ -e stuck ] || case $1 in\n"
           "    shutdown) echo 0 >power ;;\n"
           "    *) echo \"$2\" >\"$1\" ;;\n"
           "  esac\n"
           "  shift 2\n"
           "done ;;\n"
           "esac\n";
  }

  std::string folder_;
};

}  // namespace rescue::netboot
