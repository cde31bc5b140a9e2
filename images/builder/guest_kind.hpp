// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Table of the differences between the systems that can be built: their commands, and where their logs are.

#include "contract/guest_action.hpp"
#include "core/clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rescue::builder {

/// Program in the guest, by the guest agent.
struct GuestCommand {
  std::string purpose;  ///< "the SSH server is installed"
  std::vector<std::string> argv;
  Milliseconds limit{60'000};
  bool required = true;  ///< false: a failure is reported, and the build continues
};

struct GuestKind {
  std::string os;          ///< as the manifest names it
  GuestCommand installed;  ///< exits with 0 when the second half of Setup has ended
  GuestCommand drivers;    ///< prints the names of the drivers that the system has
  std::vector<std::string> expected_drivers;
  std::vector<GuestCommand> install_drivers;  ///< for a driver that is missing: "{driver}" is its name
  std::vector<GuestCommand> checks;
  std::vector<GuestCommand> seal;
  std::vector<std::string> set_hostname;  ///< as the manifest has it; empty: none
  contract::GuestActions actions{};       ///< as the manifest has them
  std::vector<std::string> log_folders;   ///< on its disk, for a failed installation
  std::uint64_t disk_bytes = 0;           ///< size of the new disk
  std::uint64_t least_room = 0;           ///< free room for disk and image, before the build
  unsigned memory_mib = 0;                ///< of Setup's machine
  unsigned least_memory_mib = 0;          ///< of a rescue, as the manifest has it
};

/// Windows. Not one of its commands was run on Windows by this project: docs/windows-image.md.
[[nodiscard]] GuestKind windows_kind();
/// The stand-in guest of images/standin.
[[nodiscard]] GuestKind standin_kind();

}  // namespace rescue::builder
