// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The server's network identity, and the plan of its takeover.

#include "core/net/mac.hpp"
#include "core/net/prefix.hpp"
#include "core/words.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::domain {

/// An address of the NIC, with all that is needed to restore it exactly.
struct InterfaceAddress {
  net::IpAddress address;
  unsigned prefix = 0;                       ///< length, in bits
  std::optional<net::IpAddress> peer;        ///< of a point-to-point address
  std::optional<net::IpAddress> broadcast;   ///< IPv4 only
  std::string label;                         ///< IPv4 only, else empty
  unsigned flags = 0;                        ///< IFA_F_* (permanent, noprefixroute, managetempaddr, ...)
  unsigned scope = 0;                        ///< RT_SCOPE_*
  std::uint32_t valid_seconds = UINT32_MAX;  ///< UINT32_MAX: no limit
  std::uint32_t preferred_seconds = UINT32_MAX;
  unsigned metric = 0;    ///< of the prefix route that the kernel makes for it (IFA_RT_PRIORITY), 0: default
  unsigned protocol = 0;  ///< IFAPROT_*: its origin (router advertisement, link-local), 0: unknown

  [[nodiscard]] bool is_v6() const { return address.is_v6(); }
  /// The address's network; of a point-to-point address, the far end's. Throws `usage` when `prefix` is too long.
  [[nodiscard]] net::Prefix network() const { return net::Prefix(peer.value_or(address), prefix).network(); }
  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

/// A route through the NIC. The kernel itself makes prefix and local routes.
struct Route {
  net::Prefix destination;
  std::optional<net::IpAddress> gateway;  ///< none: on-link
  std::optional<net::IpAddress> source;   ///< preferred source
  unsigned metric = 0;
  unsigned table = 254;   ///< RT_TABLE_MAIN
  unsigned protocol = 0;  ///< RTPROT_*
  unsigned scope = 0;
  bool on_link = false;                                     ///< RTNH_F_ONLINK
  unsigned mtu = 0;                                         ///< RTAX_MTU, 0: unset
  unsigned hop_limit = 0;                                   ///< RTAX_HOPLIMIT, 0: unset
  unsigned preference = 0;                                  ///< RTA_PREF of RFC 4191, IPv6 only; 0: medium
  unsigned expires_seconds = 0;                             ///< of a route from a router advertisement; 0: never
  unsigned tos = 0;                                         ///< IPv4 only: the packets that it matches; 0: all
  unsigned realms = 0;                                      ///< RTA_FLOW, IPv4 only; 0: unset
  std::vector<std::pair<unsigned, std::uint32_t>> metrics;  ///< the other RTAX_* by number: advmss, initcwnd, lock, ...
  std::string congestion_control;                           ///< RTAX_CC_ALGO, else empty
  unsigned nexthop = 0;                                     ///< id of the nexthop object that it uses; 0: none
  unsigned encapsulation_type = 0;                          ///< RTA_ENCAP_TYPE; 0: none
  std::string encapsulation;                                ///< RTA_ENCAP, as hexadecimal digits

  [[nodiscard]] bool is_v6() const { return destination.is_v6(); }
  friend bool operator==(const Route&, const Route&) = default;
};

/// The host's network before the takeover: kept in the journal, restored exactly at release.
struct NetworkSnapshot {
  std::string nic;
  net::Mac mac;
  unsigned mtu = 1500;
  std::vector<InterfaceAddress> addresses;
  std::vector<Route> routes;
  std::vector<net::IpAddress> dns_servers;                   ///< from resolv.conf; local DHCP passes them on
  std::vector<std::pair<std::string, std::string>> sysctls;  ///< "net/ipv4/conf/all/arp_ignore" -> "0"
  int index = 0;  ///< index of the NIC, which a renaming does not change; 0: unknown

  /// The IPv4 default route that the kernel prefers: lowest metric in the main table. None if there is none.
  [[nodiscard]] const Route* default_route_v4() const;
  /// The global IPv4 address that customers use: the default route's source, else the first in the network of its
  /// gateway, else the first. None on an IPv6-only host.
  [[nodiscard]] const InterfaceAddress* primary_v4() const;
  /// Gateway of that default route; none without a route, and for an IPv6 gateway.
  [[nodiscard]] std::optional<net::IpAddress> gateway_v4() const;
  friend bool operator==(const NetworkSnapshot&, const NetworkSnapshot&) = default;
};

/// Source of the guest's address. `automatic`: the provider's DHCP if the host has its lease from there, else local.
enum class GuestAddressing { automatic, provider_dhcp, local_dhcp };
constexpr auto words_of(GuestAddressing) { return words<GuestAddressing>("auto", "provider", "local"); }

/// Ports of the server's address that the host keeps. Mask-aligned: 20480-21503 is 0x5000/0xfc00.
struct PortRange {
  std::uint16_t first = 20480;
  std::uint16_t last = 21503;
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

/// All inputs of take-network; complete in the journal before the first effect.
struct TakeoverPlan {
  NetworkSnapshot original;
  GuestAddressing addressing = GuestAddressing::local_dhcp;  ///< resolved: never `automatic`
  /// An address that the site does not use, for the readiness probe.
  net::IpAddress probe_address = net::IpAddress::parse("192.0.2.1");
  PortRange control_ports;
  std::string bridge = "rsbr0";
  std::string tap = "rstap0";
  unsigned tap_queues = 2;
  net::Mac bridge_mac;  ///< locally administered, made from the server's
  net::Mac probe_mac;   ///< locally administered, made from the server's
  /// Closed to the guest; the host reaches them from its range of ports only. May be empty.
  std::vector<net::IpAddress> control_plane_addresses;
  friend bool operator==(const TakeoverPlan&, const TakeoverPlan&) = default;
};

using rescue::name_of;

}  // namespace rescue::domain
