// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The Linux that rescued runs on: its memory and processors, and its end.

#include "orchestrator/ports/host.hpp"

#include <string>
#include <vector>

namespace rescue::linux {

class LinuxHost final : public ports::Host {
public:
  /// Programs that reboot and power off, as argument vectors.
  LinuxHost(std::vector<std::string> reboot, std::vector<std::string> poweroff)
      : reboot_(std::move(reboot)), poweroff_(std::move(poweroff)) {}

  [[nodiscard]] ports::HostFacts facts() override;
  [[nodiscard]] bool wait_for_devices(Milliseconds limit) override;
  [[nodiscard]] std::string boot_id() override;
  void end(domain::Ending ending) override;

private:
  std::vector<std::string> reboot_;
  std::vector<std::string> poweroff_;
};

/// The host's name up to its first dot, in lower case.
[[nodiscard]] std::string host_name();

}  // namespace rescue::linux
