// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The Linux host of rescued: its memory and processors, and how it ends.

#include "orchestrator/ports/host.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rescue::linux {

class LinuxHost final : public ports::Host {
public:
  /// Ends the host without any program; returns only on failure, with the reason.
  using LastResort = std::function<std::string(domain::Ending)>;

  /// Argument vectors of the programs that reboot and power off. If they fail, systemd's own are tried, then
  /// `last_resort`.
  LinuxHost(std::vector<std::string> reboot, std::vector<std::string> poweroff, LastResort last_resort = ask_kernel)
      : reboot_(std::move(reboot)), poweroff_(std::move(poweroff)), last_resort_(std::move(last_resort)) {}

  /// Writes out caches, then uses reboot(2), then the magic SysRq key.
  static std::string ask_kernel(domain::Ending ending);

  [[nodiscard]] ports::HostFacts facts() override;
  [[nodiscard]] unsigned memory_of_files_mib(const std::string& folder) override;
  void provide_memory_folder(const std::string& folder, unsigned mib) override;
  void remove_memory_folder(const std::string& folder) override;
  [[nodiscard]] ports::Room room_of(const std::string& folder) override;
  [[nodiscard]] unsigned available_memory_mib() override;
  [[nodiscard]] bool wait_for_devices(Milliseconds limit) override;
  [[nodiscard]] std::string boot_id() override;
  void end(domain::Ending ending) override;

private:
  std::vector<std::string> reboot_;
  std::vector<std::string> poweroff_;
  LastResort last_resort_;
};

/// See ports::Host::memory_of_files_mib.
[[nodiscard]] unsigned memory_of_files_mib(std::string folder);

/// The host's name up to its first dot, in lower case.
[[nodiscard]] std::string host_name();

}  // namespace rescue::linux
