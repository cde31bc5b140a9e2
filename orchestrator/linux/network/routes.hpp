// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Routes of a link, moved to another link one step at a time: each stays available.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/links.hpp"

#include <vector>

namespace rescue::linux {

/// Routes of `link`, in all tables and both families, without those that the kernel makes and removes with the
/// addresses. Ordered so that each gateway is reachable by an earlier route.
[[nodiscard]] std::vector<domain::Route> routes_of(Netlink& netlink, const Link& link,
                                                   const std::vector<domain::InterfaceAddress>& addresses);

/// The route through `link`; replaces one to the same destination with the same metric.
void replace_route(Netlink& netlink, const Link& link, const domain::Route& route);

/// Does nothing if it does not exist.
void delete_route(Netlink& netlink, const Link& link, const domain::Route& route);

/// Whether the main table's IPv4 default route is a multipath route with a hop through `link` (none: through any link).
[[nodiscard]] bool has_multipath_default_v4(Netlink& netlink, const Link* link);

}  // namespace rescue::linux
