// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Local DHCP for the guest where the provider has none: dnsmasq in the probe namespace, reachable from the tap only.

#include "orchestrator/domain/network.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace rescue::linux {

/// dnsmasq outlives us, so that leases are answered while rescued is down; the pid file identifies it.
class LocalDhcp {
public:
  explicit LocalDhcp(std::string runtime_directory);

  /// Answers the guest with the server's former lease, in the existing probe namespace. Throws `network`.
  void serve(const domain::NetworkSnapshot& original);
  /// Does nothing if dnsmasq does not run, or if the process is not ours. Throws `network`.
  void stop();
  /// Our dnsmasq, if it runs.
  [[nodiscard]] std::optional<pid_t> running() const;

private:
  std::string runtime_directory_;
  std::string pid_file_;
};

/// Arguments of dnsmasq: one host, one address, no boot file. Throws `precondition` without an IPv4 address.
[[nodiscard]] std::vector<std::string> local_dhcp_arguments(const domain::NetworkSnapshot& original,
                                                            const std::string& pid_file);

}  // namespace rescue::linux
