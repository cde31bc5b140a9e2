// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/ruleset.hpp"

#include "orchestrator/linux/network/control_ports.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::linux {
namespace {

using domain::GuestAddressing;
using domain::TakeoverPlan;
using nft::Json;
using nft::Rule;
using namespace net::literals;  // NOLINT: constants are to read as addresses
using namespace nft;            // NOLINT: the rules are to read as rules

/// The source port of a packet that an ICMP error quotes, behind the ICMP header and the quoted IP header.
constexpr unsigned quoted_port_v4 = (8 + 20) * 8;
constexpr unsigned quoted_port_v6 = (8 + 40) * 8;
constexpr unsigned advertised_target = 8 * 8;
/// IPv4's 16 bits for fragments without the three highest, which are flags.
constexpr unsigned fragment_offset = 0x1fff;
constexpr unsigned dns = 53;
constexpr unsigned vlan_tag = 0x8100;
constexpr unsigned service_vlan_tag = 0x88a8;

/// Terms that differ between the two families.
struct Family {
  const char* ip;
  const char* icmp;
  const char* server;  ///< the set of the server's addresses
  const char* live;    ///< the set of the host's connections
  const char* type;
  std::vector<Json> errors;
  unsigned quoted_port;
  bool v6;
};

Family v4() {
  return {"ip",           "icmp",      "server4",
          "live4",        "ipv4_addr", {"destination-unreachable", "time-exceeded", "parameter-problem"},
          quoted_port_v4, false};
}
Family v6() {
  return {"ip6",          "icmpv6",
          "server6",      "live6",
          "ipv6_addr",    {"destination-unreachable", "packet-too-big", "time-exceeded", "parameter-problem"},
          quoted_port_v6, true};
}

Json reference(const char* set) { return fmt::format("@{}", set); }
Json ports(const domain::PortRange& range) { return nft::range(range.first, range.last); }

/// The IPv6 gateways, each once.
std::vector<net::IpAddress> routers_of(const domain::NetworkSnapshot& original) {
  std::vector<net::IpAddress> routers;
  for (const auto& route : original.routes) {
    if (!route.gateway || !route.gateway->is_v6()) continue;
    if (std::find(routers.begin(), routers.end(), *route.gateway) == routers.end()) routers.push_back(*route.gateway);
  }
  return routers;
}

std::vector<net::IpAddress> own_addresses(const domain::NetworkSnapshot& original) {
  std::vector<net::IpAddress> own;
  for (const auto& address : original.addresses) own.push_back(address.address);
  return own;
}

class Ruleset {
public:
  Ruleset(const TakeoverPlan& plan, const std::vector<TcpConnection>& live)
      : nic_(plan.original.nic), mac_(plan.original.mac.text()), tap_(plan.tap), bridge_(plan.bridge),
        probe_address_(plan.probe_address.text()), probe_mac_(plan.probe_mac.text()),
        local_dhcp_(plan.addressing != GuestAddressing::provider_dhcp), ports_(control_ports_of(plan.control_ports)),
        own_(own_addresses(plan.original)), routers_(routers_of(plan.original)), resolvers_(plan.original.dns_servers),
        control_plane_(plan.control_plane_addresses), v6_sources_(guest_v6_sources(plan.original)), live_(live) {}

  Batch batch() {
    for (const auto& family : {v4(), v6()}) add_sets(family);
    add_source_set();
    add_wire_in();
    add_control_in();
    add_advertisements();
    add_tap();
    add_guest_in();
    add_probe_in();
    add_bridge();
    add_wire_out();
    return std::move(batch_);
  }

private:
  void add_sets(const Family& family) {
    batch_.add_set(family.server, family.type, those_of(family, own_));
    std::vector<Json> live;
    for (const auto& connection : live_) {
      if (connection.is_v6() != family.v6) continue;
      live.push_back(concatenation({connection.local_address.text(), connection.remote_address.text(),
                                    connection.remote_port, connection.local_port}));
    }
    batch_.add_set(family.live, Json::array({family.type, family.type, "inet_service", "inet_service"}),
                   std::move(live));
  }

  void add_source_set() {
    std::vector<Json> sources;
    for (const auto& source : v6_sources_) {
      sources.push_back(prefix(source.address().text(), source.length()));
    }
    batch_.add_set("source6", "ipv6_addr", std::move(sources), true);
  }

  /// Frames from the wire: forwards the host's control channel to the host; the bridge and the VM get the rest.
  void add_wire_in() {
    batch_.add_base_chain("wire_in", "ingress", nic_, -100, "accept");
    const auto wire_in = [&](const Rule& rule) { batch_.add_rule("wire_in", rule); };
    // VLANs above the NIC are other networks, and the host's. The rules below would ignore a tag that the card has
    // removed.
    wire_in({equal(field("ether", "type"), one_of({vlan_tag, service_vlan_tag})), accept()});
    wire_in({equal(field("ether", "type"), "arp"), duplicate_to(control_port)});
    wire_in({equal(field("icmpv6", "type"), one_of({"nd-neighbor-solicit", "nd-neighbor-advert"})),
             duplicate_to(control_port)});
    if (local_dhcp_) {
      wire_in({equal(field("udp", "sport"), 67), equal(field("udp", "dport"), 68), drop()});
    }
    wire_in({unequal(field("ether", "daddr"), mac_), accept()});
    // Fragments after the first have no ports: their content must not be parsed as ports.
    wire_in({is_later_fragment_v4(), accept()});
    wire_in({unequal(extension_header("frag", "frag-off"), 0), accept()});
    for (const auto& family : {v4(), v6()}) {
      const Rule to_server = {equal(field(family.ip, "daddr"), reference(family.server))};
      add_control_channel(family, to_server);
      wire_in({equal(concatenation({field(family.ip, "daddr"), field(family.ip, "saddr"), field("tcp", "sport"),
                                    field("tcp", "dport")}),
                     reference(family.live)),
               forward_to(control_port)});
      const Rule is_error = to_server + Rule{equal(field(family.icmp, "type"), one_of(family.errors))};
      wire_in(is_error +
              Rule{equal(transport_bits(family.quoted_port, 16), ports(ports_.all)), forward_to(control_port)});
      // An error belongs to either side's connection: path MTU discovery must still work on old ones.
      if (!live_.empty()) wire_in(is_error + Rule{duplicate_to(control_port)});
    }
  }

  /// With a known control plane, the host's own connections may only go to it and to the resolvers.
  void add_control_channel(const Family& family, const Rule& to_server) {
    auto known = control_plane_;
    known.insert(known.end(), resolvers_.begin(), resolvers_.end());
    const auto peers = those_of(family, known);
    for (const char* protocol : {"tcp", "udp"}) {
      const Rule own = {equal(field(protocol, "dport"), ports(ports_.own)), forward_to(control_port)};
      if (control_plane_.empty()) {
        batch_.add_rule("wire_in", to_server + own);
      } else if (!peers.empty()) {
        batch_.add_rule("wire_in", to_server + Rule{equal(field(family.ip, "saddr"), one_of(peers))} + own);
      }
      batch_.add_rule("wire_in", to_server + Rule{equal(field(protocol, "dport"), ports(ports_.listeners)),
                                                  forward_to(control_port)});
    }
  }

  /// The addresses of one family, each once.
  [[nodiscard]] static std::vector<Json> those_of(const Family& family, const std::vector<net::IpAddress>& addresses) {
    std::vector<Json> found;
    for (const auto& address : addresses) {
      if (address.is_v6() != family.v6) continue;
      const Json text = address.text();
      if (std::find(found.begin(), found.end(), text) == found.end()) found.push_back(text);
    }
    return found;
  }

  void add_control_in() {
    batch_.add_base_chain("control_in", "ingress", control_port, -100, "drop");
    batch_.add_rule("control_in", {equal(field("ether", "saddr"), mac_), forward_to(nic_)});
  }

  /// The VM's tap is no port of a bridge: its frames are final only at the guest link.
  void add_tap() {
    batch_.add_base_chain("tap_in", "ingress", tap_, -100, "drop");
    batch_.add_rule("tap_in", {forward_to(guest_port)});
    batch_.add_base_chain("guest_out", "ingress", guest_port, -100, "drop");
    batch_.add_rule("guest_out", {forward_to(tap_)});
  }

  void guest_in(const Rule& rule) { batch_.add_rule("guest_in", rule); }

  /// Final frames from the VM, which is the customer's: treated as hostile. Drops everything that no rule accepts.
  void add_guest_in() {
    batch_.add_base_chain("guest_in", "ingress", guest_link, -100, "drop");
    guest_in({unequal(field("ether", "saddr"), mac_), count(), drop()});
    guest_in({unequal(field("ether", "type"), one_of({"ip", "ip6", "arp"})), count(), drop()});
    add_guest_arp();
    add_guest_fragments();
    guest_in({equal(field("ip", "saddr"), reference("server4")), equal(field("ip", "daddr"), probe_address_),
              set_destination_mac(probe_mac_), forward_to(probe_port)});
    add_guest_asks_for_lease();
    guest_in({unequal(field("ip", "saddr"), reference("server4")), count(), drop()});
    guest_in({unequal(field("ip6", "saddr"), reference("source6")), count(), drop()});
    add_guest_speaks_as_host();
    add_guest_speaks_with_control_plane();
    guest_in({equal(field("udp", "sport"), one_of({67, 547})), count(), drop()});
    add_guest_accepts();
    guest_in({count(), drop()});
  }

  /// ARP in the one form for IPv4 over Ethernet: with other lengths in the header, the sender's address would be
  /// elsewhere.
  void add_guest_arp() {
    guest_in({unequal(field("arp", "saddr ether"), mac_), count(), drop()});
    guest_in({unequal(field("arp", "saddr ip"), "0.0.0.0"), unequal(field("arp", "saddr ip"), reference("server4")),
              count(), drop()});
    guest_in({equal(field("arp", "htype"), 1), equal(field("arp", "ptype"), "ip"), equal(field("arp", "hlen"), 6),
              equal(field("arp", "plen"), 4), equal(field("arp", "operation"), one_of({"request", "reply"})),
              accept()});
  }

  void add_guest_asks_for_lease() {
    const Rule asks = {equal(field("udp", "sport"), 68), equal(field("udp", "dport"), 67)};
    if (local_dhcp_) {
      for (const Json& from : {Json("0.0.0.0"), reference("server4")}) {
        guest_in(Rule{equal(field("ip", "saddr"), from)} + asks + Rule{forward_to(probe_port)});
      }
    } else {
      guest_in(Rule{equal(field("ip", "saddr"), "0.0.0.0")} + asks + Rule{accept()});
    }
  }

  void add_guest_speaks_as_host() {
    for (const auto& family : {v4(), v6()}) {
      for (const char* protocol : {"tcp", "udp"}) {
        guest_in({equal(field(family.ip, "saddr"), reference(family.server)),
                  equal(field(protocol, "sport"), ports(ports_.all)), count(), drop()});
      }
      guest_in({equal(concatenation({field(family.ip, "saddr"), field(family.ip, "daddr"), field("tcp", "dport"),
                                     field("tcp", "sport")}),
                      reference(family.live)),
                count(), drop()});
    }
    // Any host may use any link-local address, except the router's.
    auto routers = those_of(v6(), routers_);
    if (!routers.empty()) guest_in({equal(field("ip6", "saddr"), one_of(std::move(routers))), count(), drop()});
  }

  /// The control plane identifies this host by the address that the guest has too: the guest must not try tokens or ask
  /// for a boot, on any port. On a small site the same machine may be the guest's name server and DHCP server.
  void add_guest_speaks_with_control_plane() {
    for (const auto& family : {v4(), v6()}) {
      auto addresses = those_of(family, control_plane_);
      if (addresses.empty()) continue;
      std::vector<Json> resolvers;
      for (const auto& address : those_of(family, resolvers_)) {
        if (std::find(addresses.begin(), addresses.end(), address) != addresses.end()) resolvers.push_back(address);
      }
      const Rule to_control_plane = {equal(field(family.ip, "daddr"), one_of(std::move(addresses)))};
      if (!resolvers.empty()) {
        const Rule to_resolver = {equal(field(family.ip, "daddr"), one_of(std::move(resolvers)))};
        guest_in(to_resolver + Rule{equal(field("udp", "dport"), dns), accept()});
        guest_in(to_resolver + Rule{equal(field("tcp", "dport"), dns), at_least(field("tcp", "doff"), 5), accept()});
      }
      const auto [asks, answers] = family.v6 ? std::pair{546, 547} : std::pair{68, 67};
      guest_in(to_control_plane +
               Rule{equal(field("udp", "sport"), asks), equal(field("udp", "dport"), answers), accept()});
      guest_in(to_control_plane + Rule{equal(meta("l4proto"), one_of({"tcp", "udp"})), count(), drop()});
    }
  }

  /// Fragments after the first have no ports; nftables would parse their content as a header, so these rules come
  /// before all rules on ports. In IPv4 each fragment names its protocol, and no later fragment can overwrite the
  /// ports, which are checked in the first; TCP senders do not fragment. In IPv6 only the first fragment's protocol
  /// counts (RFC 8200, 4.5): that of the others is unknown, and the first must have it directly after the fragment
  /// header.
  void add_guest_fragments() {
    guest_in({unequal(extension_header("frag", "frag-off"), 0), count(), drop()});
    guest_in({unequal(extension_header("frag", "nexthdr"), one_of({"tcp", "udp", "icmpv6", "esp"})), count(), drop()});
    batch_.add_chain("guest_fragments");
    const auto pieces = [this](const Rule& rule) { batch_.add_rule("guest_fragments", rule); };
    pieces({unequal(field("ip", "saddr"), reference("server4")), count(), drop()});
    auto control_plane = those_of(v4(), control_plane_);
    if (!control_plane.empty()) {
      pieces({equal(field("ip", "daddr"), one_of(std::move(control_plane))), count(), drop()});
    }
    pieces({equal(meta("l4proto"), one_of({"icmp", "udp", "esp"})), accept()});
    pieces({count(), drop()});
    guest_in({is_later_fragment_v4(), jump("guest_fragments")});
  }

  [[nodiscard]] static Json is_later_fragment_v4() {
    return unequal(bits_of(field("ip", "frag-off"), fragment_offset), 0);
  }

  /// Each rule matches a field of the protocol's header, so that the header must exist.
  void add_guest_accepts() {
    guest_in({at_least(field("tcp", "doff"), 5), accept()});
    guest_in({at_least(field("udp", "length"), 8), accept()});
    guest_in({equal(field("icmp", "type"), one_of({"echo-reply", "destination-unreachable", "echo-request",
                                                   "time-exceeded", "parameter-problem"})),
              accept()});
    guest_in({equal(field("icmpv6", "type"), "nd-neighbor-advert"), jump("guest_advertises")});
    guest_in({equal(field("icmpv6", "type"),
                    one_of({"destination-unreachable", "packet-too-big", "time-exceeded", "parameter-problem",
                            "echo-request", "echo-reply", "mld-listener-report", "mld-listener-done",
                            "mld2-listener-report", "nd-router-solicit", "nd-neighbor-solicit"})),
              accept()});
    guest_in({unequal(field("esp", "spi"), 0), accept()});
  }

  /// Neighbour advertisements only for addresses that the VM may send from.
  void add_advertisements() {
    batch_.add_chain("guest_advertises");
    const auto hexadecimal = [](const net::IpAddress& address) {
      return fmt::format("0x{:02x}", fmt::join(address.bytes(), ""));
    };
    const auto target = transport_bits(advertised_target, 128);
    for (const auto& router : routers_) {
      batch_.add_rule("guest_advertises", {equal(target, hexadecimal(router)), count(), drop()});
    }
    for (const auto& source : v6_sources_) {
      const auto targets = source.length() == 128
                               ? Json(hexadecimal(source.address()))
                               : nft::range(hexadecimal(source.address()), hexadecimal(source.last()));
      batch_.add_rule("guest_advertises", {equal(target, targets), accept()});
    }
    batch_.add_rule("guest_advertises", {count(), drop()});
  }

  void add_probe_in() {
    batch_.add_base_chain("probe_in", "ingress", probe_port, -100, "drop");
    batch_.add_rule("probe_in", {equal(field("ether", "type"), "ip"), forward_to(tap_)});
  }

  /// The bridge joins VM and wire; it drops all frames from and to the host's own stack.
  void add_bridge() {
    batch_.add_base_chain("bridge_in", "ingress", bridge_, -100, "drop");
    batch_.add_base_chain("bridge_out", "egress", bridge_, 0, "drop");
  }

  /// Providers disconnect servers that send foreign MACs.
  void add_wire_out() {
    batch_.add_base_chain("wire_out", "egress", nic_, 0, "accept");
    batch_.add_rule("wire_out", {unequal(field("ether", "saddr"), mac_), count(), drop()});
  }

  std::string nic_;
  std::string mac_;
  std::string tap_;
  std::string bridge_;
  std::string probe_address_;
  std::string probe_mac_;
  bool local_dhcp_;
  ControlPorts ports_;
  std::vector<net::IpAddress> own_;
  std::vector<net::IpAddress> routers_;  ///< those with IPv6 addresses, each once
  std::vector<net::IpAddress> resolvers_;
  std::vector<net::IpAddress> control_plane_;
  std::vector<net::Prefix> v6_sources_;
  const std::vector<TcpConnection>& live_;
  Batch batch_;
};

}  // namespace

std::vector<net::Prefix> guest_v6_sources(const domain::NetworkSnapshot& original) {
  std::vector<net::Prefix> sources = {"::/128"_prefix, "fe80::/10"_prefix};
  for (const auto& address : original.addresses) {
    if (address.is_v6()) sources.push_back(net::Prefix(address.address, address.prefix).network());
  }
  std::vector<net::Prefix> outermost;
  for (const auto& source : sources) {
    const bool covered =
        std::any_of(outermost.begin(), outermost.end(), [&](const auto& o) { return o.contains(source); });
    if (covered) continue;
    std::erase_if(outermost, [&](const auto& other) { return source.contains(other); });
    outermost.push_back(source);
  }
  return outermost;
}

nft::Batch takeover_ruleset(const TakeoverPlan& plan, const std::vector<TcpConnection>& live) {
  return Ruleset(plan, live).batch();
}

}  // namespace rescue::linux
