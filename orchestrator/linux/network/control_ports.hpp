// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The two halves of the ports that stay with the host: one for connections that it opens, one for its listeners.

#include "orchestrator/domain/network.hpp"

#include <string>

namespace rescue::linux {

struct ControlPorts {
  domain::PortRange own;        ///< what the host's connections use: ip_local_port_range during the takeover
  domain::PortRange listeners;  ///< the last quarter: sshd, later the helpdesk; nothing is given out of it
  domain::PortRange all;
};

/// 20480-21503 -> 20480-21247 and 21248-21503. Throws `precondition` when the range is no power of two of at least
/// 16 ports at a multiple of its size (so that value and mask describe it), or reaches the well-known ports below 1024
/// or those that Windows gives out itself (49152 and up).
[[nodiscard]] ControlPorts control_ports_of(const domain::PortRange& range);

/// ip_local_port_range: "20480\t21247", as the kernel prints it.
[[nodiscard]] std::string local_port_range(const ControlPorts& ports);

/// ip_local_reserved_ports: what was reserved before, and the listeners.
[[nodiscard]] std::string reserved_ports(const ControlPorts& ports, const std::string& before);

}  // namespace rescue::linux
