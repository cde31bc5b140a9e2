// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The host's network on Linux: netlink, nftables and a tap, as docs/network.md describes them.

#include "orchestrator/ports/host_network.hpp"

#include <string>

namespace rescue::linux {

/// Works on the network namespace of the calling thread, and keeps nothing: all that release needs is in the plan.
class LinuxHostNetwork final : public ports::HostNetwork {
public:
  /// `runtime_directory` is where the local DHCP server's pid file lies; made when it is missing.
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
