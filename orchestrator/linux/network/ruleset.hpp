// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Packet filter of a takeover: directs frames for the server's MAC, and limits the frames that the VM may send.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/nft_expression.hpp"
#include "orchestrator/linux/network/tcp_connections.hpp"

#include <vector>

namespace rescue::linux {

/// The whole table. `live` are the host's connections from before the switch. Throws `precondition` for an invalid port
/// range in the plan.
[[nodiscard]] nft::Batch takeover_ruleset(const domain::TakeoverPlan& plan, const std::vector<TcpConnection>& live);

/// IPv6 sources that the VM may use: the server's prefixes (Windows makes temporary addresses), link-local,
/// unspecified. No prefix is inside another.
[[nodiscard]] std::vector<net::Prefix> guest_v6_sources(const domain::NetworkSnapshot& original);

}  // namespace rescue::linux
