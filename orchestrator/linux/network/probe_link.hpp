// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The namespace that readiness probes are made from: a neighbour of the VM, on the far side of its own tap.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/netlink.hpp"

namespace rescue::linux {

/// Makes namespace and link, or brings them to the plan. Throws `network`.
void prepare_probe(Netlink& netlink, const domain::TakeoverPlan& plan);

/// None there is no error. Throws `network`.
void remove_probe(Netlink& netlink);

}  // namespace rescue::linux
