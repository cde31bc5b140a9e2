// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The part of the control ports on which the host listens during a session.

#include "orchestrator/domain/network.hpp"

namespace rescue::domain {

/// The last quarter of the control ports: sshd, the helpdesk's ticket.
[[nodiscard]] inline PortRange listeners_of(const PortRange& control_ports) noexcept {
  const auto count = static_cast<unsigned>(control_ports.last - control_ports.first) + 1;
  return {static_cast<std::uint16_t>(control_ports.last - count / 4 + 1), control_ports.last};
}

[[nodiscard]] inline bool contains(const PortRange& range, std::uint16_t port) noexcept {
  return port >= range.first && port <= range.last;
}

}  // namespace rescue::domain
