// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The takeover as a list of idempotent steps, so that a crash after any of them is a state that a test can make.

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

/// All that prepares comes first; the switch itself (the steps from "control-addresses" on) is a handful of netlink
/// messages. `netlink`, `dhcp` and `plan` must outlive the steps.
[[nodiscard]] std::vector<TakeoverStep> takeover_steps(Netlink& netlink, LocalDhcp& dhcp,
                                                       const domain::TakeoverPlan& plan);

/// The plan under the name that its NIC has by now: it is found by its MAC, and by its index when it was renamed. A NIC
/// that is gone leaves the plan as it is.
[[nodiscard]] domain::TakeoverPlan with_present_name(Netlink& netlink, domain::TakeoverPlan plan);

/// Refuses what can't work before anything is changed: `precondition`.
void check_plan(Netlink& netlink, const domain::TakeoverPlan& plan);

/// Undoes what was done of it, in the order that keeps the host reachable; goes on past errors and returns them. When
/// the NIC is gone the host keeps its addresses on the control link, for a repetition with the NIC back.
[[nodiscard]] std::vector<std::string> undo_takeover(Netlink& netlink, LocalDhcp& dhcp,
                                                     const domain::TakeoverPlan& plan);

}  // namespace rescue::linux
