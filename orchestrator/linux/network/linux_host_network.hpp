// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The host's network on Linux, with netlink, nftables and a tap: docs/network.md.

#include "orchestrator/ports/host_network.hpp"

#include <string>

namespace rescue::linux {

/// Works on the calling thread's network namespace. Has no state: the plan holds all that release needs.
class LinuxHostNetwork final : public ports::HostNetwork {
public:
  /// `runtime_directory` holds the local DHCP server's pid file; created when missing.
  explicit LinuxHostNetwork(std::string runtime_directory = "/run/rescue");

  [[nodiscard]] domain::NetworkSnapshot survey(const std::string& nic) override;
  [[nodiscard]] bool address_is_leased(const domain::NetworkSnapshot& snapshot) override;
  [[nodiscard]] std::vector<net::IpAddress> addresses_of(const std::string& host) override;
  void check(const domain::TakeoverPlan& plan) override;
  void take_over(const domain::TakeoverPlan& plan) override;
  void release(const domain::TakeoverPlan& plan) override;

private:
  std::string runtime_directory_;
};

}  // namespace rescue::linux
