// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/links.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

namespace rescue::linux {
namespace {

Link link_of(const NetlinkReply& reply) {
  const auto header = reply.header<ifinfomsg>();
  const auto attributes = reply.attributes<ifinfomsg>();
  Link link;
  link.index = header.ifi_index;
  link.name = attributes.text(IFLA_IFNAME);
  link.mac = net::Mac::of_bytes(attributes.bytes(IFLA_ADDRESS));
  link.kind = attributes.nested(IFLA_LINKINFO).text(IFLA_INFO_KIND);
  link.mtu = attributes.u32(IFLA_MTU);
  link.master = static_cast<int>(attributes.u32(IFLA_MASTER));
  link.lower = static_cast<int>(attributes.u32(IFLA_LINK));
  link.group = attributes.u32(IFLA_GROUP);
  link.up = (header.ifi_flags & IFF_UP) != 0;
  link.ethernet = header.ifi_type == ARPHRD_ETHER;
  link.loopback = (header.ifi_flags & IFF_LOOPBACK) != 0;
  return link;
}

ifinfomsg about(int index) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = index;
  return header;
}

void put_end(NetlinkRequest& request, const VethEnd& end, unsigned mtu) {
  request.put_text(IFLA_IFNAME, end.name);
  if (end.mac) request.put(IFLA_ADDRESS, end.mac->bytes());
  if (end.namespace_fd >= 0) request.put_u32(IFLA_NET_NS_FD, static_cast<uint32_t>(end.namespace_fd));
  request.put_u32(IFLA_MTU, mtu);
  request.put_u32(IFLA_GROUP, link_group);
}

}  // namespace

std::vector<Link> links(Netlink& netlink) {
  NetlinkRequest request(RTM_GETLINK, 0, about(0));
  std::vector<Link> found;
  for (const auto& reply : netlink.dump(request, "list the network links")) found.push_back(link_of(reply));
  return found;
}

std::optional<Link> find_link(Netlink& netlink, const std::string& name) {
  for (auto& link : links(netlink)) {
    if (link.name == name) return std::move(link);
  }
  return std::nullopt;
}

std::optional<Link> find_own_link(Netlink& netlink, const std::string& name) {
  auto link = find_link(netlink, name);
  return link && link->group == link_group ? link : std::nullopt;
}

Link link_named(Netlink& netlink, const std::string& name) {
  auto link = find_link(netlink, name);
  if (!link) throw Error(ErrorCode::network, fmt::format("there is no network link {}", name));
  return *std::move(link);
}

void change_link(Netlink& netlink, const Link& link, const LinkChange& change) {
  auto header = about(link.index);
  if (change.up) {
    header.ifi_change = IFF_UP;
    header.ifi_flags = *change.up ? unsigned{IFF_UP} : 0U;
  }
  NetlinkRequest request(RTM_NEWLINK, 0, header);
  if (change.mtu) request.put_u32(IFLA_MTU, *change.mtu);
  if (change.group) request.put_u32(IFLA_GROUP, *change.group);
  if (change.master) request.put_u32(IFLA_MASTER, static_cast<uint32_t>(*change.master));
  netlink.perform(request, fmt::format("change the network link {}", link.name));
}

void add_bridge(Netlink& netlink, const std::string& name, const net::Mac& mac, unsigned mtu) {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, about(0));
  put_end(request, {name, mac}, mtu);
  request.nest(IFLA_LINKINFO, [&] {
    request.put_text(IFLA_INFO_KIND, "bridge");
    request.nest(IFLA_INFO_DATA, [&] {
      request.put_u32(IFLA_BR_STP_STATE, 0);
      request.put_u32(IFLA_BR_FORWARD_DELAY, 0);
      request.put_u8(IFLA_BR_MCAST_SNOOPING, 0);
    });
  });
  netlink.perform(request, fmt::format("create the bridge {}", name));
}

void add_veth(Netlink& netlink, const VethEnd& first, const VethEnd& second, unsigned mtu) {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, about(0));
  put_end(request, first, mtu);
  request.nest(IFLA_LINKINFO, [&] {
    request.put_text(IFLA_INFO_KIND, "veth");
    request.nest(IFLA_INFO_DATA, [&] {
      request.nest(VETH_INFO_PEER, [&] {
        request.append(about(0));
        put_end(request, second, mtu);
      });
    });
  });
  netlink.perform(request, fmt::format("create the pair {} and {}", first.name, second.name));
}

void delete_own_link(Netlink& netlink, const std::string& name) {
  const auto link = find_own_link(netlink, name);
  if (!link) return;
  NetlinkRequest request(RTM_DELLINK, 0, about(link->index));
  const auto answer = netlink.ask(request);
  if (!answer && !answer.missing()) {
    throw Error(ErrorCode::network, fmt::format("cannot delete the network link {}: {}", name, answer.text()));
  }
}

void set_forwarding_entry(Netlink& netlink, const Link& port, const net::Mac& mac) {
  ndmsg header{};
  header.ndm_family = AF_BRIDGE;
  header.ndm_ifindex = port.index;
  header.ndm_state = NUD_NOARP;
  header.ndm_flags = NTF_MASTER;
  NetlinkRequest request(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, header);
  request.put(NDA_LLADDR, mac.bytes());
  netlink.perform(request, fmt::format("direct frames to {} to {}", mac, port.name));
}

void set_neighbour(Netlink& netlink, const Link& link, const net::IpAddress& address, const net::Mac& mac) {
  ndmsg header{};
  header.ndm_family = static_cast<uint8_t>(address.family());
  header.ndm_ifindex = link.index;
  header.ndm_state = NUD_PERMANENT;
  NetlinkRequest request(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, header);
  request.put(NDA_DST, address);
  request.put(NDA_LLADDR, mac.bytes());
  netlink.perform(request, fmt::format("set the neighbour {} on {}", address, link.name));
}

}  // namespace rescue::linux
