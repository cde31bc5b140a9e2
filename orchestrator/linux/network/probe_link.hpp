// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The namespace that readiness probes are made from: a neighbour of the VM, on the far side of its own tap.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/netlink.hpp"

namespace rescue::linux {

/// The probe's end of the link, inside the namespace.
struct ProbeEnd {
  net::IpAddress address;
  net::Mac mac;
};

/// Makes namespace and link, or brings them to this state: there the addresses of `original` are a neighbour's, who has
/// its MAC. Throws `network`.
void prepare_probe(Netlink& netlink, const ProbeEnd& probe, const domain::NetworkSnapshot& original);

/// None there is no error. Throws `network`.
void remove_probe(Netlink& netlink);

}  // namespace rescue::linux
