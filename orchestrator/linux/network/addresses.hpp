// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Addresses of a link with all that the kernel stores about them, so that they are restored exactly.

#include "orchestrator/domain/network.hpp"
#include "orchestrator/linux/network/links.hpp"

#include <vector>

namespace rescue::linux {

/// All addresses of `link`, both families, in the kernel's order.
[[nodiscard]] std::vector<domain::InterfaceAddress> addresses_of(Netlink& netlink, const Link& link);

/// Adds `address`, or sets the lifetimes and flags of an existing one.
void set_address(Netlink& netlink, const Link& link, const domain::InterfaceAddress& address);

/// Does nothing if it does not exist.
void delete_address(Netlink& netlink, const Link& link, const domain::InterfaceAddress& address);

/// Whether they are equal, ignoring values that time changes (lifetimes) and flags that the kernel adds (tentative,
/// permanent).
[[nodiscard]] bool same_address(const domain::InterfaceAddress& left, const domain::InterfaceAddress& right);

/// `address` for the host's control link: with unlimited lifetime, without properties of the NIC or its DHCP client.
[[nodiscard]] domain::InterfaceAddress as_held_by_host(domain::InterfaceAddress address);

/// Makes `wanted` the addresses of `link`, in that order. The order counts: the kernel sends from the first.
void replace_addresses(Netlink& netlink, const Link& link, const std::vector<domain::InterfaceAddress>& wanted);

}  // namespace rescue::linux
