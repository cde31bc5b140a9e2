// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The packet filter of a takeover: who gets which frame of the server's MAC, and what the VM may never send.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/nft_expression.hpp"
#include "orchestrator/linux/network/tcp_connections.hpp"

#include <vector>

namespace rescue::linux {

/// The whole table. `live` are the host's connections from before the switch. Throws `precondition` when the plan holds
/// what is no port range.
[[nodiscard]] nft::Batch takeover_ruleset(const domain::TakeoverPlan& plan, const std::vector<TcpConnection>& live);

/// What the VM may send IPv6 from: the server's prefixes (Windows makes temporary addresses), link-local, unspecified.
/// No prefix lies within another.
[[nodiscard]] std::vector<net::Prefix> guest_v6_sources(const domain::NetworkSnapshot& original);

}  // namespace rescue::linux
