// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Addresses of a link, read and written with all that the kernel keeps of them, so that they come back as they were.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/links.hpp"

#include <vector>

namespace rescue::linux {

/// All addresses of `link`, both families, in the kernel's order.
[[nodiscard]] std::vector<domain::InterfaceAddress> addresses_of(Netlink& netlink, const Link& link);

/// Adds `address`, or brings the one that is there to its lifetimes and flags.
void set_address(Netlink& netlink, const Link& link, const domain::InterfaceAddress& address);

/// None there is no error.
void delete_address(Netlink& netlink, const Link& link, const domain::InterfaceAddress& address);

/// The same but for what passes with time (lifetimes) and what the kernel adds by itself (tentative, permanent).
[[nodiscard]] bool same_address(const domain::InterfaceAddress& left, const domain::InterfaceAddress& right);

/// `address` as it is held on the host's control link: for ever, without what belongs to the NIC or its DHCP client.
[[nodiscard]] domain::InterfaceAddress as_held_by_host(domain::InterfaceAddress address);

/// Makes `wanted` the addresses of `link`, in that order. The order counts: the first is what the kernel speaks from.
void replace_addresses(Netlink& netlink, const Link& link, const std::vector<domain::InterfaceAddress>& wanted);

}  // namespace rescue::linux
