// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The namespace of readiness probes: a neighbour of the VM, on the other side of its own tap.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/netlink.hpp"

namespace rescue::linux {

/// The probe's end of the link, inside the namespace.
struct ProbeEnd {
  net::IpAddress address;
  net::Mac mac;
};

/// Makes namespace and link, or brings existing ones to this state: the addresses of `original` are a neighbour with
/// its MAC there. Throws `network`.
void prepare_probe(Netlink& netlink, const ProbeEnd& probe, const domain::NetworkSnapshot& original);

/// Does nothing if they do not exist. Throws `network`.
void remove_probe(Netlink& netlink);

}  // namespace rescue::linux
