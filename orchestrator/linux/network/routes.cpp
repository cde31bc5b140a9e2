// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/routes.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

namespace rescue::linux {
namespace {

using domain::InterfaceAddress;
using domain::Route;

constexpr unsigned ticks_per_second = 100;  // USER_HZ, in which the kernel tells a route's age

std::string text_of(int family, std::span<const uint8_t> bytes) {
  if (bytes.empty()) return {};
  return IpPrefix{family, 0, {bytes.begin(), bytes.end()}}.address();
}

std::string destination_of(const rtmsg& header, const Attributes& attributes) {
  const auto bytes = attributes.bytes(RTA_DST);
  const std::string any = header.rtm_family == AF_INET ? "0.0.0.0" : "::";
  return fmt::format("{}/{}", bytes.empty() ? any : text_of(header.rtm_family, bytes), header.rtm_dst_len);
}

/// An IPv4 route may have an IPv6 gateway (RFC 8950), which comes in another attribute.
std::string gateway_of(const rtmsg& header, const Attributes& attributes) {
  const auto via = attributes.bytes(RTA_VIA);
  if (via.size() > sizeof(rtvia)) return text_of(attributes.structure<rtvia>(RTA_VIA).rtvia_family, via.subspan(2));
  return text_of(header.rtm_family, attributes.bytes(RTA_GATEWAY));
}

Route route_of(const rtmsg& header, const Attributes& attributes) {
  Route route;
  route.destination = destination_of(header, attributes);
  route.gateway = gateway_of(header, attributes);
  route.source = text_of(header.rtm_family, attributes.bytes(RTA_PREFSRC));
  route.metric = attributes.u32(RTA_PRIORITY);
  route.table = attributes.u32(RTA_TABLE, header.rtm_table);
  route.protocol = header.rtm_protocol;
  route.scope = header.rtm_scope;
  route.on_link = (header.rtm_flags & RTNH_F_ONLINK) != 0;
  const auto metrics = attributes.nested(RTA_METRICS);
  route.mtu = metrics.u32(RTAX_MTU);
  route.hop_limit = metrics.u32(RTAX_HOPLIMIT);
  route.preference = attributes.u8(RTA_PREF);
  const auto age = attributes.structure<rta_cacheinfo>(RTA_CACHEINFO).rta_expires;
  if (age > 0) route.expires_seconds = std::max(1U, static_cast<unsigned>(age) / ticks_per_second);
  return route;
}

/// True when the kernel makes this route with an address, and takes it away with it.
bool made_with_address(const Route& route, const std::vector<InterfaceAddress>& addresses) {
  if (route.protocol != RTPROT_KERNEL || !route.gateway.empty()) return false;
  const auto destination = IpPrefix::parse(route.destination);
  return std::any_of(addresses.begin(), addresses.end(), [&](const InterfaceAddress& address) {
    if ((address.flags & IFA_F_NOPREFIXROUTE) != 0) return false;
    auto prefix = IpPrefix::parse(address.peer.empty() ? address.address : address.peer);
    const auto host = prefix;
    prefix.length = address.prefix;
    return destination == prefix.network() || destination == host;
  });
}

void warn_of_multipath(const rtmsg& header, const Attributes& attributes, const Link& link) {
  const auto hops = attributes.bytes(RTA_MULTIPATH);
  for (std::size_t at = 0; at + sizeof(rtnexthop) <= hops.size();) {
    const auto* hop = reinterpret_cast<const rtnexthop*>(hops.data() + at);
    if (hop->rtnh_ifindex == link.index) {
      log::warning("the multipath route {} through {} is not moved", destination_of(header, attributes), link.name);
    }
    if (hop->rtnh_len < sizeof(rtnexthop)) return;
    at += RTNH_ALIGN(hop->rtnh_len);
  }
}

std::optional<Route> route_through(const NetlinkReply& reply, const Link& link) {
  const auto header = reply.header<rtmsg>();
  const auto attributes = reply.attributes<rtmsg>();
  if (header.rtm_family != AF_INET && header.rtm_family != AF_INET6) return std::nullopt;
  if (header.rtm_type != RTN_UNICAST || (header.rtm_flags & RTM_F_CLONED) != 0) return std::nullopt;
  if (attributes.has(RTA_MULTIPATH)) warn_of_multipath(header, attributes, link);
  if (static_cast<int>(attributes.u32(RTA_OIF)) != link.index) return std::nullopt;
  return route_of(header, attributes);
}

rtmsg header_of(const Route& route, const IpPrefix& destination) {
  rtmsg header{};
  header.rtm_family = static_cast<uint8_t>(destination.family);
  header.rtm_dst_len = static_cast<uint8_t>(destination.length);
  header.rtm_table = static_cast<uint8_t>(route.table < 256 ? route.table : RT_TABLE_COMPAT);
  header.rtm_protocol = static_cast<uint8_t>(route.protocol);
  header.rtm_scope = static_cast<uint8_t>(route.scope);
  header.rtm_type = RTN_UNICAST;
  header.rtm_flags = route.on_link ? RTNH_F_ONLINK : 0U;
  return header;
}

/// What identifies the route: enough to delete it.
void put_identity(NetlinkRequest& request, const Link& link, const Route& route, const IpPrefix& destination) {
  if (destination.length > 0) request.put(RTA_DST, destination.bytes);
  request.put_u32(RTA_OIF, static_cast<uint32_t>(link.index));
  request.put_u32(RTA_TABLE, route.table);
  if (route.metric != 0) request.put_u32(RTA_PRIORITY, route.metric);
  if (route.gateway.empty()) return;
  const auto gateway = IpPrefix::parse(route.gateway);
  if (gateway.family == destination.family) return request.put(RTA_GATEWAY, gateway.bytes);
  std::vector<uint8_t> via(2);
  via[0] = static_cast<uint8_t>(gateway.family);
  via.insert(via.end(), gateway.bytes.begin(), gateway.bytes.end());
  request.put(RTA_VIA, via);
}

}  // namespace

std::vector<Route> routes_of(Netlink& netlink, const Link& link, const std::vector<InterfaceAddress>& addresses) {
  std::vector<Route> found;
  for (const auto family : {AF_INET, AF_INET6}) {
    rtmsg header{};
    header.rtm_family = static_cast<uint8_t>(family);
    NetlinkRequest request(RTM_GETROUTE, 0, header);
    for (const auto& reply : netlink.dump(request, "list the routes")) {
      auto route = route_through(reply, link);
      if (route && route->table != RT_TABLE_LOCAL && !made_with_address(*route, addresses)) {
        found.push_back(*std::move(route));
      }
    }
  }
  std::stable_partition(found.begin(), found.end(), [](const Route& route) { return route.gateway.empty(); });
  return found;
}

void replace_route(Netlink& netlink, const Link& link, const Route& route) {
  const auto destination = IpPrefix::parse(route.destination);
  NetlinkRequest request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, header_of(route, destination));
  put_identity(request, link, route, destination);
  if (!route.source.empty()) request.put(RTA_PREFSRC, IpPrefix::parse(route.source).bytes);
  if (route.preference != 0) request.put_u8(RTA_PREF, static_cast<uint8_t>(route.preference));
  if (route.expires_seconds != 0) request.put_u32(RTA_EXPIRES, route.expires_seconds);
  if (route.mtu != 0 || route.hop_limit != 0) {
    request.nest(RTA_METRICS, [&] {
      if (route.mtu != 0) request.put_u32(RTAX_MTU, route.mtu);
      if (route.hop_limit != 0) request.put_u32(RTAX_HOPLIMIT, route.hop_limit);
    });
  }
  netlink.perform(request, fmt::format("set the route {} through {}", route.destination, link.name));
}

void delete_route(Netlink& netlink, const Link& link, const Route& route) {
  const auto destination = IpPrefix::parse(route.destination);
  NetlinkRequest request(RTM_DELROUTE, 0, header_of(route, destination));
  put_identity(request, link, route, destination);
  const auto answer = netlink.ask(request);
  if (answer || answer.missing()) return;
  netlink.perform(request, fmt::format("delete the route {} through {}", route.destination, link.name));
}

}  // namespace rescue::linux
