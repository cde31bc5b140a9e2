// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The role of the host's network: give the server's identity to the VM, and take it back.

#include "orchestrator/domain/network.hpp"

#include <string>
#include <vector>

namespace rescue::ports {

class HostNetwork {
public:
  virtual ~HostNetwork() = default;

  /// What `nic` has now, and the sysctls that a takeover changes. "auto": the NIC of the IPv4 default route, else the
  /// only physical one. Throws `precondition` that names the NICs there are.
  [[nodiscard]] virtual domain::NetworkSnapshot survey(const std::string& nic) = 0;

  /// True when a DHCP lease is how the host got its address (the address has a lifetime).
  /// Used to resolve GuestAddressing::automatic.
  [[nodiscard]] virtual bool address_is_leased(const domain::NetworkSnapshot& snapshot) = 0;

  /// All addresses of a name or an address, of both families. Blocks for as long as the resolver does. Throws `network`
  /// when there is none.
  [[nodiscard]] virtual std::vector<net::IpAddress> addresses_of(const std::string& host) = 0;

  /// Refuses what can't work before anything is changed: `precondition`, with a remedy.
  virtual void check(const domain::TakeoverPlan& plan) = 0;

  /// The switch: afterwards the VM's tap carries MAC and addresses, and the host has its control channel.
  /// Existing TCP connections of the host live on. Idempotent: what is there already is brought to the plan's state,
  /// so an adopted session calls it again. Throws `network` with everything put back. Takes some 50 ms.
  virtual void take_over(const domain::TakeoverPlan& plan) = 0;

  /// The exact original state again. Idempotent, also when only a part of take_over was done, also after a restart.
  /// Goes on past errors, and throws `network` with all of them at the end.
  virtual void release(const domain::TakeoverPlan& plan) = 0;
};

}  // namespace rescue::ports
