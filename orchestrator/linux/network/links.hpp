// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Network links: what there is, and the bridge, veth pairs and states that the takeover needs.

#include "core/net/mac.hpp"
#include "orchestrator/linux/network/netlink.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::linux {

struct Link {
  int index = 0;
  std::string name;
  std::optional<net::Mac> mac;
  std::string kind;  ///< "veth", "bridge", "vlan"; empty for hardware
  unsigned mtu = 0;
  int master = 0;  ///< index of the bridge or bond it is a port of; 0: none
  int lower = 0;   ///< index of the link that it sits on (a VLAN's, a macvlan's); 0: none
  unsigned group = 0;
  bool up = false;
  bool ethernet = false;
  bool loopback = false;
};

/// The group of links that all links of the takeover are in from their making on ("resc"): what is under one of our
/// names and not in it is somebody else's.
inline constexpr unsigned link_group = 0x72657363;

[[nodiscard]] std::vector<Link> links(Netlink& netlink);
[[nodiscard]] std::optional<Link> find_link(Netlink& netlink, const std::string& name);
/// Only one of ours.
[[nodiscard]] std::optional<Link> find_own_link(Netlink& netlink, const std::string& name);
/// Throws `network` when it is not there.
[[nodiscard]] Link link_named(Netlink& netlink, const std::string& name);

/// What to change; what is not set stays as it is.
struct LinkChange {
  std::optional<bool> up = std::nullopt;
  std::optional<unsigned> mtu = std::nullopt;
  std::optional<int> master = std::nullopt;  ///< 0: leave the bridge
  std::optional<unsigned> group = std::nullopt;
};
void change_link(Netlink& netlink, const Link& link, const LinkChange& change);

/// A bridge without STP, forward delay and multicast snooping: frames flow from the first moment.
void add_bridge(Netlink& netlink, const std::string& name, const net::Mac& mac, unsigned mtu);

/// Both ends in our group, as the bridge is.
struct VethEnd {
  std::string name;
  std::optional<net::Mac> mac = std::nullopt;  ///< none: the kernel's choice
  int namespace_fd = -1;                       ///< where this end goes; -1: where the request is made
};
void add_veth(Netlink& netlink, const VethEnd& first, const VethEnd& second, unsigned mtu);

/// None there is no error, and one that is not ours stays.
void delete_own_link(Netlink& netlink, const std::string& name);

/// `bridge fdb replace MAC dev PORT master static`: frames to `mac` go to `port`, though another port carries it.
void set_forwarding_entry(Netlink& netlink, const Link& port, const net::Mac& mac);

/// A neighbour entry that nothing but an administrator changes (NUD_PERMANENT).
void set_neighbour(Netlink& netlink, const Link& link, const net::IpAddress& address, const net::Mac& mac);

}  // namespace rescue::linux
