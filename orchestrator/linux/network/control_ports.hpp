// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The two halves of the ports that the host keeps: one for connections that it opens, one for its listeners.

#include "orchestrator/domain/network.hpp"

#include <string>

namespace rescue::linux {

struct ControlPorts {
  domain::PortRange own;        ///< for connections of the host: ip_local_port_range during the takeover
  domain::PortRange listeners;  ///< the last quarter: sshd, later the helpdesk; never assigned by the kernel
  domain::PortRange all;
};

/// 20480-21503 -> 20480-21247 and 21248-21503. Throws `precondition` unless the range is a power of two of at least 16
/// ports at a multiple of its size (so that value and mask describe it), above the well-known ports (up to 1023) and
/// below those that Windows assigns itself (from 49152).
[[nodiscard]] ControlPorts control_ports_of(const domain::PortRange& range);

/// ip_local_port_range: "20480\t21247", in the kernel's form.
[[nodiscard]] std::string local_port_range(const ControlPorts& ports);

/// ip_local_reserved_ports: the ports reserved before, and the listeners.
[[nodiscard]] std::string reserved_ports(const ControlPorts& ports, const std::string& before);

}  // namespace rescue::linux
