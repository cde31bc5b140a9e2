// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Firmware's boot order as a layer of the boot decision (UEFI 2.10, 3.1 and 3.3). Only this adapter includes libefivar
// and libefiboot.

#include "orchestrator/ports/control_plane.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::boot {

/// Restores BootOrder and BootNext after a session, byte for byte. Removes a BootNext that boots the network: it would
/// start the next rescue.
class EfiBootControl final : public ports::BootControl {
public:
  /// True if this host booted by UEFI and its variables are accessible; the folder is libefivar's (EFIVARFS_PATH).
  [[nodiscard]] static bool available();

  [[nodiscard]] std::string layer() const override { return "efi"; }
  [[nodiscard]] std::string mode() override;
  [[nodiscard]] std::string snapshot() override;
  std::string restore_disk(const std::string& snapshot, std::stop_token stop) override;
};

}  // namespace rescue::boot
