// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/addresses.hpp"

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

namespace rescue::linux {
namespace {

using domain::InterfaceAddress;

/// Flags that a program may set; the others are state of the kernel.
constexpr unsigned settable_flags =
    IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

ifaddrmsg header_of(const Link& link, const InterfaceAddress& address) {
  ifaddrmsg header{};
  header.ifa_family = static_cast<uint8_t>(address.address.family());
  header.ifa_prefixlen = static_cast<uint8_t>(address.prefix);
  header.ifa_scope = static_cast<uint8_t>(address.scope);
  header.ifa_index = static_cast<uint32_t>(link.index);
  return header;
}

void put_address(NetlinkRequest& request, const InterfaceAddress& address) {
  request.put(IFA_LOCAL, address.address);
  request.put(IFA_ADDRESS, address.peer.value_or(address.address));
}

InterfaceAddress address_of(const ifaddrmsg& header, const Attributes& attributes) {
  InterfaceAddress address;
  const auto far_end = attributes.ip(IFA_ADDRESS);
  const auto local = attributes.ip(IFA_LOCAL);
  address.address = local ? *local : far_end.value_or(net::IpAddress());
  if (far_end && address.address != *far_end) address.peer = far_end;
  address.prefix = header.ifa_prefixlen;
  address.broadcast = attributes.ip(IFA_BROADCAST);
  address.label = attributes.text(IFA_LABEL);
  address.flags = attributes.u32(IFA_FLAGS, header.ifa_flags);
  address.scope = header.ifa_scope;
  if (attributes.has(IFA_CACHEINFO)) {
    const auto lifetimes = attributes.structure<ifa_cacheinfo>(IFA_CACHEINFO);
    address.valid_seconds = lifetimes.ifa_valid;
    address.preferred_seconds = lifetimes.ifa_prefered;
  }
  address.metric = attributes.u32(IFA_RT_PRIORITY);
  address.protocol = attributes.u8(IFA_PROTO);
  return address;
}

/// Order of adding that gives the kernel's order: it lists IPv4 by arrival and IPv6 newest first.
std::vector<InterfaceAddress> in_order_of_adding(const std::vector<InterfaceAddress>& addresses, bool v6) {
  std::vector<InterfaceAddress> ordered;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(ordered),
               [v6](const auto& address) { return address.is_v6() == v6; });
  if (v6) std::reverse(ordered.begin(), ordered.end());
  return ordered;
}

/// Keeps right addresses: the kernel has more data about its own than we could set.
void replace_family(Netlink& netlink, const Link& link, const std::vector<InterfaceAddress>& present,
                    const std::vector<InterfaceAddress>& wanted) {
  const auto [wrong, missing] =
      std::mismatch(present.begin(), present.end(), wanted.begin(), wanted.end(), same_address);
  // Backwards: deleting a primary address would also delete its secondaries.
  for (auto address = present.end(); address != wrong;) delete_address(netlink, link, *--address);
  for (auto address = missing; address != wanted.end(); ++address) set_address(netlink, link, *address);
}

}  // namespace

std::vector<InterfaceAddress> addresses_of(Netlink& netlink, const Link& link) {
  NetlinkRequest request(RTM_GETADDR, 0, ifaddrmsg{});
  std::vector<InterfaceAddress> found;
  for (const auto& reply : netlink.dump(request, "list the addresses")) {
    const auto header = reply.header<ifaddrmsg>();
    if (header.ifa_family != AF_INET && header.ifa_family != AF_INET6) continue;
    if (static_cast<int>(header.ifa_index) != link.index) continue;
    found.push_back(address_of(header, reply.attributes<ifaddrmsg>()));
  }
  return found;
}

void set_address(Netlink& netlink, const Link& link, const InterfaceAddress& address) {
  NetlinkRequest request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, header_of(link, address));
  put_address(request, address);
  if (address.broadcast) request.put(IFA_BROADCAST, *address.broadcast);
  if (!address.label.empty()) request.put_text(IFA_LABEL, address.label);
  request.put_u32(IFA_FLAGS, address.flags & settable_flags);
  ifa_cacheinfo lifetimes{};
  lifetimes.ifa_valid = address.valid_seconds;
  lifetimes.ifa_prefered = address.preferred_seconds;
  request.put_struct(IFA_CACHEINFO, lifetimes);
  if (address.metric != 0) request.put_u32(IFA_RT_PRIORITY, address.metric);
  if (address.protocol != 0) request.put_u8(IFA_PROTO, static_cast<uint8_t>(address.protocol));
  netlink.perform(request, fmt::format("set the address {}/{} on {}", address.address, address.prefix, link.name));
}

void delete_address(Netlink& netlink, const Link& link, const InterfaceAddress& address) {
  NetlinkRequest request(RTM_DELADDR, 0, header_of(link, address));
  put_address(request, address);
  const auto answer = netlink.ask(request);
  if (answer || answer.missing()) return;
  netlink.perform(request, fmt::format("delete the address {}/{} of {}", address.address, address.prefix, link.name));
}

bool same_address(const InterfaceAddress& left, const InterfaceAddress& right) {
  const auto constant = [](InterfaceAddress address) {
    address.flags &= settable_flags;
    address.valid_seconds = address.preferred_seconds = UINT32_MAX;
    return address;
  };
  return constant(left) == constant(right);
}

InterfaceAddress as_held_by_host(InterfaceAddress address) {
  address.label.clear();
  address.flags &= IFA_F_NODAD | IFA_F_NOPREFIXROUTE;
  address.valid_seconds = UINT32_MAX;
  // A deprecated address stays so, so that no new connection uses it.
  if (address.preferred_seconds != 0) address.preferred_seconds = UINT32_MAX;
  address.protocol = 0;
  return address;
}

void replace_addresses(Netlink& netlink, const Link& link, const std::vector<InterfaceAddress>& wanted) {
  const auto present = addresses_of(netlink, link);
  for (const bool v6 : {false, true}) {
    replace_family(netlink, link, in_order_of_adding(present, v6), in_order_of_adding(wanted, v6));
  }
}

}  // namespace rescue::linux
