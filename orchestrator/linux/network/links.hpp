// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Network links: those that exist, and the bridge and veth pairs of the takeover.

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
  int lower = 0;   ///< index of the link below it (a VLAN's, a macvlan's); 0: none
  unsigned group = 0;
  bool up = false;
  bool ethernet = false;
  bool loopback = false;
};

/// Group of all links of the takeover, set when they are made ("resc"): a link with one of our names and another group
/// is not ours.
inline constexpr unsigned link_group = 0x72657363;

[[nodiscard]] std::vector<Link> links(Netlink& netlink);
[[nodiscard]] std::optional<Link> find_link(Netlink& netlink, const std::string& name);
/// None for a link that is not ours.
[[nodiscard]] std::optional<Link> find_own_link(Netlink& netlink, const std::string& name);
/// Throws `network` when it does not exist.
[[nodiscard]] Link link_named(Netlink& netlink, const std::string& name);

/// Values to change; an unset one stays.
struct LinkChange {
  std::optional<bool> up = std::nullopt;
  std::optional<unsigned> mtu = std::nullopt;
  std::optional<int> master = std::nullopt;  ///< 0: leave the bridge
  std::optional<unsigned> group = std::nullopt;
};
void change_link(Netlink& netlink, const Link& link, const LinkChange& change);

/// A bridge without STP, forward delay and multicast snooping: frames pass at once.
void add_bridge(Netlink& netlink, const std::string& name, const net::Mac& mac, unsigned mtu);

/// One end of a pair; both ends are in our group, like the bridge.
struct VethEnd {
  std::string name;
  std::optional<net::Mac> mac = std::nullopt;  ///< none: the kernel's choice
  int namespace_fd = -1;                       ///< namespace of this end; -1: that of the request
};
void add_veth(Netlink& netlink, const VethEnd& first, const VethEnd& second, unsigned mtu);

/// Does nothing if the link does not exist or is not ours.
void delete_own_link(Netlink& netlink, const std::string& name);

/// `bridge fdb replace MAC dev PORT master static`: frames to `mac` go to `port`, though another port carries it.
void set_forwarding_entry(Netlink& netlink, const Link& port, const net::Mac& mac);

/// A neighbour entry that only an administrator changes (NUD_PERMANENT).
void set_neighbour(Netlink& netlink, const Link& link, const net::IpAddress& address, const net::Mac& mac);

}  // namespace rescue::linux
