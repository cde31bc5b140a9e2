// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest's address by DHCP where the provider serves none: dnsmasq in the probe namespace, heard by the tap only.

#include "orchestrator/domain/network.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace rescue::linux {

/// dnsmasq outlives us, so that a lease is answered while rescued is down; the pid file is how it is found again.
class LocalDhcp {
public:
  explicit LocalDhcp(std::string runtime_directory);

  /// Has it answer the guest with what the server had, in the probe namespace that is there now. Throws `network`.
  void serve(const domain::NetworkSnapshot& original);
  /// None running is no error; a process that is not ours is left alone. Throws `network`.
  void stop();
  /// Our dnsmasq, if it runs.
  [[nodiscard]] std::optional<pid_t> running() const;

private:
  std::string runtime_directory_;
  std::string pid_file_;
};

/// Its argument vector: one host, one address, no boot file. Throws `precondition` without an IPv4 address.
[[nodiscard]] std::vector<std::string> local_dhcp_arguments(const domain::NetworkSnapshot& original,
                                                            const std::string& pid_file);

}  // namespace rescue::linux
