// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The firmware's boot order as a layer of the boot decision (UEFI 2.10, 3.1 and 3.3). The only place that includes
// libefivar and libefiboot.

#include "orchestrator/ports/control_plane.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::boot {

/// BootOrder and BootNext: after a session they are, byte for byte, what they were at its start. A BootNext that leads
/// into the network is removed instead: it would be the next rescue.
class EfiBootControl final : public ports::BootControl {
public:
  /// Whether this host booted by UEFI and its variables can be had; the folder is libefivar's (EFIVARFS_PATH).
  [[nodiscard]] static bool available();

  [[nodiscard]] std::string layer() const override { return "efi"; }
  [[nodiscard]] std::string mode() override;
  [[nodiscard]] std::string snapshot() override;
  std::string restore_disk(const std::string& snapshot, std::stop_token stop) override;
};

}  // namespace rescue::boot
