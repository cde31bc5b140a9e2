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
#include <charconv>
#include <optional>

namespace rescue::linux {
namespace {

using domain::InterfaceAddress;
using domain::Route;
using namespace net::literals;  // NOLINT: constants are to read as addresses

constexpr unsigned ticks_per_second = 100;  // USER_HZ, the kernel's unit of a route's age

net::Prefix destination_of(const rtmsg& header, const Attributes& attributes) {
  const auto any = header.rtm_family == AF_INET ? "0.0.0.0"_ip : "::"_ip;
  return {attributes.ip(RTA_DST).value_or(any), header.rtm_dst_len};
}

/// An IPv4 route may have an IPv6 gateway (RFC 8950), in another attribute.
std::optional<net::IpAddress> gateway_of(const Attributes& attributes) {
  const auto via = attributes.bytes(RTA_VIA);
  if (via.size() > sizeof(rtvia)) return net::IpAddress::of_bytes(via.subspan(sizeof(rtvia)));
  return attributes.ip(RTA_GATEWAY);
}

void read_metrics(const Attributes& metrics, Route& route) {
  route.mtu = metrics.u32(RTAX_MTU);
  route.hop_limit = metrics.u32(RTAX_HOPLIMIT);
  route.congestion_control = metrics.text(RTAX_CC_ALGO);
  for (int number = RTAX_UNSPEC + 1; number <= RTAX_MAX; ++number) {
    if (number == RTAX_MTU || number == RTAX_HOPLIMIT || number == RTAX_CC_ALGO || !metrics.has(number)) continue;
    route.metrics.emplace_back(number, metrics.u32(number));
  }
}

Route route_of(const rtmsg& header, const Attributes& attributes) {
  Route route;
  route.destination = destination_of(header, attributes);
  route.gateway = gateway_of(attributes);
  route.source = attributes.ip(RTA_PREFSRC);
  route.metric = attributes.u32(RTA_PRIORITY);
  route.table = attributes.u32(RTA_TABLE, header.rtm_table);
  route.protocol = header.rtm_protocol;
  route.scope = header.rtm_scope;
  route.on_link = (header.rtm_flags & RTNH_F_ONLINK) != 0;
  route.tos = header.rtm_tos;
  route.realms = attributes.u32(RTA_FLOW);
  route.nexthop = attributes.u32(RTA_NH_ID);
  if (attributes.has(RTA_ENCAP)) {
    route.encapsulation_type = attributes.structure<uint16_t>(RTA_ENCAP_TYPE);
    route.encapsulation = fmt::format("{:02x}", fmt::join(attributes.bytes(RTA_ENCAP), ""));
  }
  read_metrics(attributes.nested(RTA_METRICS), route);
  route.preference = attributes.u8(RTA_PREF);
  const auto age = attributes.structure<rta_cacheinfo>(RTA_CACHEINFO).rta_expires;
  if (age > 0) route.expires_seconds = std::max(1U, static_cast<unsigned>(age) / ticks_per_second);
  return route;
}

/// Whether the kernel makes this route with an address and removes it with it.
bool made_with_address(const Route& route, const std::vector<InterfaceAddress>& addresses) {
  if (route.protocol != RTPROT_KERNEL || route.gateway) return false;
  return std::any_of(addresses.begin(), addresses.end(), [&](const InterfaceAddress& address) {
    if ((address.flags & IFA_F_NOPREFIXROUTE) != 0) return false;
    const net::Prefix host(address.peer.value_or(address.address));
    return route.destination == address.network() || route.destination == host;
  });
}

/// Links of the hops of a multipath route.
std::vector<int> links_of_hops(const Attributes& attributes) {
  const auto hops = attributes.bytes(RTA_MULTIPATH);
  std::vector<int> links;
  for (std::size_t at = 0; at + sizeof(rtnexthop) <= hops.size();) {
    const auto* hop = reinterpret_cast<const rtnexthop*>(hops.data() + at);
    links.push_back(hop->rtnh_ifindex);
    if (hop->rtnh_len < sizeof(rtnexthop)) break;
    at += RTNH_ALIGN(hop->rtnh_len);
  }
  return links;
}

void warn_of_multipath(const rtmsg& header, const Attributes& attributes, const Link& link) {
  const auto hops = links_of_hops(attributes);
  if (std::find(hops.begin(), hops.end(), link.index) == hops.end()) return;
  log::warning("the multipath route {} through {} is not moved", destination_of(header, attributes), link.name);
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

rtmsg header_of(const Route& route) {
  rtmsg header{};
  header.rtm_family = static_cast<uint8_t>(route.destination.address().family());
  header.rtm_dst_len = static_cast<uint8_t>(route.destination.length());
  header.rtm_tos = static_cast<uint8_t>(route.tos);
  header.rtm_table = static_cast<uint8_t>(route.table < 256 ? route.table : RT_TABLE_COMPAT);
  header.rtm_protocol = static_cast<uint8_t>(route.protocol);
  header.rtm_scope = static_cast<uint8_t>(route.scope);
  header.rtm_type = RTN_UNICAST;
  header.rtm_flags = route.on_link ? RTNH_F_ONLINK : 0U;
  return header;
}

/// Adds the attributes that identify the route: enough to delete it.
void put_identity(NetlinkRequest& request, const Link& link, const Route& route) {
  if (route.destination.length() > 0) request.put(RTA_DST, route.destination.address());
  request.put_u32(RTA_TABLE, route.table);
  if (route.metric != 0) request.put_u32(RTA_PRIORITY, route.metric);
  // A nexthop object implies link and gateway; the kernel accepts either of the two forms.
  if (route.nexthop != 0) return request.put_u32(RTA_NH_ID, route.nexthop);
  request.put_u32(RTA_OIF, static_cast<uint32_t>(link.index));
  if (!route.gateway) return;
  if (route.gateway->is_v6() == route.is_v6()) return request.put(RTA_GATEWAY, *route.gateway);
  const auto gateway = route.gateway->bytes();
  std::vector<uint8_t> via(sizeof(rtvia));
  via[0] = static_cast<uint8_t>(route.gateway->family());
  via.insert(via.end(), gateway.begin(), gateway.end());
  request.put(RTA_VIA, via);
}

std::vector<uint8_t> bytes_of_hexadecimal(const std::string& text) {
  std::vector<uint8_t> bytes(text.size() / 2);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::from_chars(text.data() + at * 2, text.data() + at * 2 + 2, bytes[at], 16);
  }
  return bytes;
}

void put_metrics(NetlinkRequest& request, const Route& route) {
  if (route.mtu == 0 && route.hop_limit == 0 && route.metrics.empty() && route.congestion_control.empty()) return;
  request.nest(RTA_METRICS, [&] {
    if (route.mtu != 0) request.put_u32(RTAX_MTU, route.mtu);
    if (route.hop_limit != 0) request.put_u32(RTAX_HOPLIMIT, route.hop_limit);
    for (const auto& [number, value] : route.metrics) request.put_u32(static_cast<int>(number), value);
    if (!route.congestion_control.empty()) request.put_text(RTAX_CC_ALGO, route.congestion_control);
  });
}

NetlinkAnswer try_to_replace(Netlink& netlink, const Link& link, const Route& route) {
  NetlinkRequest request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, header_of(route));
  put_identity(request, link, route);
  if (route.source) request.put(RTA_PREFSRC, *route.source);
  if (route.preference != 0) request.put_u8(RTA_PREF, static_cast<uint8_t>(route.preference));
  if (route.expires_seconds != 0) request.put_u32(RTA_EXPIRES, route.expires_seconds);
  if (route.realms != 0) request.put_u32(RTA_FLOW, route.realms);
  if (route.encapsulation_type != 0 && route.nexthop == 0) {
    const auto type = static_cast<uint16_t>(route.encapsulation_type);
    request.put_struct(RTA_ENCAP_TYPE, type);
    request.put(RTA_ENCAP | NLA_F_NESTED, bytes_of_hexadecimal(route.encapsulation));
  }
  put_metrics(request, route);
  return netlink.ask(request);
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
  std::stable_partition(found.begin(), found.end(), [](const Route& route) { return !route.gateway; });
  return found;
}

void replace_route(Netlink& netlink, const Link& link, const Route& route) {
  auto answer = try_to_replace(netlink, link, route);
  if (!answer && route.nexthop != 0) {
    // The nexthop object is gone: uses its link and gateway.
    auto direct = route;
    direct.nexthop = 0;
    answer = try_to_replace(netlink, link, direct);
  }
  if (answer) return;
  throw Error(ErrorCode::network,
              fmt::format("cannot set the route {} through {}: {}", route.destination, link.name, answer.text()));
}

void delete_route(Netlink& netlink, const Link& link, const Route& route) {
  NetlinkRequest request(RTM_DELROUTE, 0, header_of(route));
  put_identity(request, link, route);
  const auto answer = netlink.ask(request);
  if (answer || answer.missing()) return;
  netlink.perform(request, fmt::format("delete the route {} through {}", route.destination, link.name));
}

bool has_multipath_default_v4(Netlink& netlink, const Link* link) {
  rtmsg header{};
  header.rtm_family = AF_INET;
  NetlinkRequest request(RTM_GETROUTE, 0, header);
  for (const auto& reply : netlink.dump(request, "list the routes")) {
    const auto route = reply.header<rtmsg>();
    const auto attributes = reply.attributes<rtmsg>();
    if (route.rtm_dst_len != 0 || attributes.u32(RTA_TABLE, route.rtm_table) != RT_TABLE_MAIN) continue;
    const auto hops = links_of_hops(attributes);
    if (hops.empty()) continue;
    if (link == nullptr || std::find(hops.begin(), hops.end(), link->index) != hops.end()) return true;
  }
  return false;
}

}  // namespace rescue::linux
