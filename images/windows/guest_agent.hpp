// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds QEMU's guest agent for Windows on virtio-win's medium, and which version it is.

#include "images/media/medium.hpp"

#include <optional>
#include <string>

namespace rescue::windows {

struct GuestAgent {
  std::string path;     ///< "guest-agent/qemu-ga-x86_64.msi"
  std::string version;  ///< "110.2.4", from the MSI's property ProductVersion; empty: unknown
  std::string reason;   ///< why the version is unknown
  bool too_old = false;
};

/// First version that installs beside what an earlier one has left: 110.2.3 fails with 0x80070431.
constexpr const char* oldest_good_guest_agent = "110.2.4";

/// Runs msiinfo (package msitools) on a copy of the MSI. None if the medium has no MSI for 64-bit PCs.
[[nodiscard]] std::optional<GuestAgent> find_guest_agent(const media::Medium& medium);

/// True if `version` is before `other`: numbers between points, missing ones count as 0.
[[nodiscard]] bool is_older(const std::string& version, const std::string& other);

}  // namespace rescue::windows
