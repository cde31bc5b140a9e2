// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot device override of the BMC as a layer of the boot decision (IPMI 2.0, 28.12 and 28.13), by ipmitool.

#include "core/clock.hpp"
#include "orchestrator/ports/control_plane.hpp"

#include <string>
#include <vector>

namespace rescue::boot {

/// Clears an override that would boot from the network again. Any other override is the provider's and stays.
class IpmiBootControl final : public ports::BootControl {
public:
  /// `interface`: ipmitool's arguments to reach the BMC; from inside it is KCS. They must not hold a secret: ipmitool
  /// reads a password from a file (-f).
  explicit IpmiBootControl(std::vector<std::string> interface = {"-I", "open"},
                           Milliseconds limit = Milliseconds(8'000))
      : interface_(std::move(interface)), limit_(limit) {}

  /// True if this host has a BMC with a kernel driver, and ipmitool is installed.
  [[nodiscard]] static bool available();

  [[nodiscard]] std::string layer() const override { return "bmc"; }
  [[nodiscard]] std::string mode() override;
  [[nodiscard]] std::string snapshot() override;
  std::string restore_disk(const std::string& snapshot, std::stop_token stop) override;

private:
  /// Sends a raw command; returns the BMC's answer without its completion code.
  [[nodiscard]] std::vector<unsigned> raw(const std::vector<std::string>& bytes) const;
  /// Reads data 1 to 5 of the boot flags.
  [[nodiscard]] std::vector<unsigned> boot_flags() const;

  std::vector<std::string> interface_;
  Milliseconds limit_;
};

}  // namespace rescue::boot
