// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Routes through a link, moved from one link to another in one step each, without a moment in which there is none.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/links.hpp"

#include <vector>

namespace rescue::linux {

/// The routes through `link` in all tables and of both families, but those that the kernel makes and unmakes with the
/// addresses themselves. Ordered so that each gateway is reachable by a route before it.
[[nodiscard]] std::vector<domain::Route> routes_of(Netlink& netlink, const Link& link,
                                                   const std::vector<domain::InterfaceAddress>& addresses);

/// The route through `link`; takes the place of one to the same destination with the same metric.
void replace_route(Netlink& netlink, const Link& link, const domain::Route& route);

/// None there is no error.
void delete_route(Netlink& netlink, const Link& link, const domain::Route& route);

/// True when the IPv4 default route of the main table has several next hops in one route, of which one leads through
/// `link` (none: through any link).
[[nodiscard]] bool has_multipath_default_v4(Netlink& netlink, const Link* link);

}  // namespace rescue::linux
