// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Port to the host's network: gives the server's identity to the VM, and takes it back.

#include "orchestrator/domain/network.hpp"

#include <string>
#include <vector>

namespace rescue::ports {

class HostNetwork {
public:
  virtual ~HostNetwork() = default;

  /// Reads the state of `nic`, and the sysctls that a takeover changes. "auto": the NIC of the IPv4 default route, else
  /// the only physical one. Throws `precondition` that lists the NICs.
  [[nodiscard]] virtual domain::NetworkSnapshot survey(const std::string& nic) = 0;

  /// True if the host's address is a DHCP lease (it has a lifetime). Used to resolve GuestAddressing::automatic.
  [[nodiscard]] virtual bool address_is_leased(const domain::NetworkSnapshot& snapshot) = 0;

  /// Resolves a name or an address to all addresses of both families. Blocks as long as the resolver does. Throws
  /// `network` if there is none.
  [[nodiscard]] virtual std::vector<net::IpAddress> addresses_of(const std::string& host) = 0;

  /// Throws `precondition`, with a remedy, if a takeover can't work. Changes nothing.
  virtual void check(const domain::TakeoverPlan& plan) = 0;

  /// Switches: afterwards the VM's tap has MAC and addresses, and the host has its control channel. Existing TCP
  /// connections of the host survive. Idempotent: brings what exists to the plan's state, so an adopted session calls
  /// it again. Throws `network` with everything restored. Takes some 50 ms.
  virtual void take_over(const domain::TakeoverPlan& plan) = 0;

  /// Restores the exact original state. Idempotent, also after a partial take_over, also after a restart. Continues
  /// after errors, and throws `network` with all of them at the end.
  virtual void release(const domain::TakeoverPlan& plan) = 0;
};

}  // namespace rescue::ports
