// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The takeover as a list of idempotent steps, so that a test can produce the state after a crash at any of them.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/local_dhcp.hpp"
#include "orchestrator/linux/network/netlink.hpp"

#include <functional>
#include <string>
#include <vector>

namespace rescue::linux {

struct TakeoverStep {
  const char* name;
  std::function<void()> apply;  ///< idempotent; throws `network`
};

/// The steps: preparation first, then the switch itself (from "control-addresses" on), a few netlink messages.
/// `netlink`, `dhcp` and `plan` must outlive the steps.
[[nodiscard]] std::vector<TakeoverStep> takeover_steps(Netlink& netlink, LocalDhcp& dhcp,
                                                       const domain::TakeoverPlan& plan);

/// The plan with the current name of its NIC, found by its MAC, and by its index after a renaming. Unchanged when the
/// NIC is gone.
[[nodiscard]] domain::TakeoverPlan with_present_name(Netlink& netlink, domain::TakeoverPlan plan);

/// Throws `precondition` for a plan that can't work, before anything is changed.
void check_plan(Netlink& netlink, const domain::TakeoverPlan& plan);

/// Undoes the finished steps, in the order that keeps the host reachable; continues after errors and returns them. When
/// the NIC is gone, the host keeps its addresses on the control link; call it again with the NIC back.
[[nodiscard]] std::vector<std::string> undo_takeover(Netlink& netlink, LocalDhcp& dhcp,
                                                     const domain::TakeoverPlan& plan);

}  // namespace rescue::linux
