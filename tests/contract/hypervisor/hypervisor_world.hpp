// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Needs of the contract suite beside the ports: a guest, and control over it.

#include "orchestrator/ports/guest_agent.hpp"
#include "orchestrator/ports/hypervisor.hpp"

#include <memory>
#include <optional>
#include <string>

namespace rescue::tests {

/// The guest of every world has no agent and does not answer the ACPI button, unless it powers itself off.
class HypervisorWorld {
public:
  virtual ~HypervisorWorld() = default;
  [[nodiscard]] virtual ports::Hypervisor& hypervisor() = 0;
  [[nodiscard]] virtual ports::GuestAgent& agent() = 0;
  [[nodiscard]] virtual domain::GuestSpec guest() = 0;
  /// A spec that no accelerator can start.
  [[nodiscard]] virtual domain::GuestSpec impossible_guest() = 0;
  /// Starts a guest that shuts itself down soon; may return before it has.
  virtual void start_guest_that_powers_off(const std::string& name) = 0;
  virtual void kill(const std::string& guest) = 0;
  virtual void lose_hypervisor() = 0;
  virtual void bring_hypervisor_back() = 0;
};

struct WorldKind {
  const char* name;
  std::optional<std::string> (*missing)();  ///< why this world is not available here
  std::unique_ptr<HypervisorWorld> (*make)();
};

[[nodiscard]] WorldKind fake_world();
[[nodiscard]] WorldKind libvirt_world();

}  // namespace rescue::tests
