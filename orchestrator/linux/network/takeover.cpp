// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/takeover.hpp"

#include "core/error.hpp"
#include "orchestrator/linux/network/addresses.hpp"
#include "orchestrator/linux/network/control_ports.hpp"
#include "orchestrator/linux/network/offloads.hpp"
#include "orchestrator/linux/network/probe_link.hpp"
#include "orchestrator/linux/network/routes.hpp"
#include "orchestrator/linux/network/ruleset.hpp"
#include "orchestrator/linux/network/sysctl.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"
#include "orchestrator/linux/network/tap.hpp"

#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <sys/socket.h>

#include <algorithm>

namespace rescue::linux {
namespace {

using domain::GuestAddressing;
using domain::NetworkSnapshot;
using domain::TakeoverPlan;

std::string original_setting(const NetworkSnapshot& original, const std::string& path) {
  for (const auto& [name, value] : original.sysctls) {
    if (name == path) return value;
  }
  return {};
}

void set_ipv6(const std::string& link, bool enabled) {
  write_sysctl(fmt::format("net/ipv6/conf/{}/disable_ipv6", link), enabled ? "0" : "1");
}

/// Whether IPv6 is in use: router advertisements make routes before, or without, an address.
bool has_v6(const NetworkSnapshot& original) {
  return std::any_of(original.addresses.begin(), original.addresses.end(),
                     [](const auto& address) { return address.is_v6(); }) ||
         std::any_of(original.routes.begin(), original.routes.end(), [](const auto& route) { return route.is_v6(); });
}

/// Runs first: the host's new connections then use the control ports, and older ones are in the table of connections.
void change_settings(const ControlPorts& ports, const NetworkSnapshot& original) {
  // By default any link answers ARP for any address of the host: the bridge would, with its own MAC.
  write_sysctl("net/ipv4/conf/all/arp_ignore", "1");
  // Otherwise the host's forwarding rules (Docker's drop all) apply to the bridge; our filter does instead.
  for (const char* tables : {"iptables", "ip6tables", "arptables"}) {
    write_sysctl(fmt::format("net/bridge/bridge-nf-call-{}", tables), "0");
  }
  // During the switch, requests arrive on one link and answers leave on another.
  write_sysctl("net/ipv4/conf/all/rp_filter", "0");
  write_sysctl("net/ipv4/ip_local_port_range", local_port_range(ports));
  constexpr const char* reserved = "net/ipv4/ip_local_reserved_ports";
  write_sysctl(reserved, reserved_ports(ports, original_setting(original, reserved)));
}

void prepare_bridge(Netlink& netlink, const std::string& name, const net::Mac& mac, unsigned mtu) {
  if (!find_link(netlink, name)) add_bridge(netlink, name, mac, mtu);
  set_ipv6(name, false);
}

void prepare_tap(Netlink& netlink, const std::string& name, unsigned queues, unsigned mtu) {
  if (!find_link(netlink, name)) add_tap(netlink, name, queues);
  set_ipv6(name, false);
  change_link(netlink, link_named(netlink, name), {.up = true, .mtu = mtu});
}

/// Each frame of the VM lists unfinished work: checksums, segments, destination. The kernel does it when it gives the
/// frame to a link that can't: this link. Frames from its other end are final.
void prepare_guest_link(Netlink& netlink, unsigned mtu) {
  if (!find_link(netlink, guest_link)) add_veth(netlink, {guest_link}, {guest_port}, mtu);
  switch_offloads_off(guest_port);
  switch_receive_offload_off(guest_link);
  for (const char* name : {guest_link, guest_port}) {
    set_ipv6(name, false);
    change_link(netlink, link_named(netlink, name), {.up = true, .mtu = mtu});
  }
}

void prepare_control_link(Netlink& netlink, const NetworkSnapshot& original) {
  if (!find_link(netlink, control_link)) {
    add_veth(netlink, {control_link, original.mac}, {control_port}, original.mtu);
  }
  const auto settings = fmt::format("net/ipv6/conf/{}/", control_link);
  set_ipv6(control_port, false);
  set_ipv6(control_link, has_v6(original));
  // The host keeps its configuration: no router advertisements, no automatic link-local address.
  write_sysctl(settings + "accept_ra", "0");
  write_sysctl(settings + "autoconf", "0");
  write_sysctl(settings + "addr_gen_mode", "1");
  write_sysctl(fmt::format("net/ipv4/conf/{}/rp_filter", control_link), "0");
  for (const char* name : {control_link, control_port}) {
    change_link(netlink, link_named(netlink, name), {.up = true, .mtu = original.mtu});
  }
}

void arrange_guest_addressing(LocalDhcp& dhcp, GuestAddressing addressing, const NetworkSnapshot& original) {
  if (addressing == GuestAddressing::local_dhcp) {
    dhcp.serve(original);
  } else {
    dhcp.stop();
  }
}

void load_filter(const TakeoverPlan& plan) {
  std::vector<net::IpAddress> own;
  for (const auto& address : plan.original.addresses) own.push_back(address.address);
  nft::load(takeover_ruleset(plan, tcp_connections_of(own)));
}

void add_control_addresses(Netlink& netlink, const std::vector<domain::InterfaceAddress>& addresses) {
  std::vector<domain::InterfaceAddress> held;
  for (const auto& address : addresses) {
    held.push_back(as_held_by_host(address));
    // No duplicate detection: the VM has the same address, and that is intended.
    if (address.is_v6()) held.back().flags |= IFA_F_NODAD;
  }
  replace_addresses(netlink, link_named(netlink, control_link), held);
}

void move_routes(Netlink& netlink, const std::vector<domain::Route>& routes, const Link& from, const Link& to,
                 bool restoring) {
  for (auto route : routes) {
    if (!restoring) {
      route.expires_seconds = 0;
      route.nexthop = 0;  // the nexthop object leads through the NIC
    }
    replace_route(netlink, to, route);
  }
  // Replaced routes are already gone; an IPv6 route from a router advertisement stays beside ours.
  for (const auto& route : routes) {
    // Skips the copy of a route with a nexthop object: the kernel would delete the original. The copy goes with its
    // link.
    if (!restoring || route.nexthop == 0) delete_route(netlink, from, route);
  }
}

void strip_nic(Netlink& netlink, const std::string& nic) {
  replace_addresses(netlink, link_named(netlink, nic), {});
  set_ipv6(nic, false);
}

void join(Netlink& netlink, const std::string& bridge_name, const NetworkSnapshot& original) {
  const auto bridge = link_named(netlink, bridge_name);
  const auto guest = link_named(netlink, guest_link);
  const auto nic = link_named(netlink, original.nic);
  change_link(netlink, bridge, {.up = true});
  if (guest.master != bridge.index) change_link(netlink, guest, {.master = bridge.index});
  if (nic.master != bridge.index) {
    try {
      change_link(netlink, nic, {.master = bridge.index});
    } catch (const Error& error) {
      throw Error(
          ErrorCode::network, error.what(),
          fmt::format("Does something else take the frames of {}: a macvlan or ipvlan of a container, a capture?",
                      nic.name));
    }
  }
  // Last: joining made the NIC's own MAC a local entry of the bridge, which would keep the VM's frames here.
  set_forwarding_entry(netlink, guest, original.mac);
}

// ---- undo

/// Restores IPv6 without duplicate detection: the addresses were ours all along.
void restore_addresses(Netlink& netlink, const NetworkSnapshot& original) {
  const auto nic = link_named(netlink, original.nic);
  const auto settings = fmt::format("net/ipv6/conf/{}/", nic.name);
  const auto present = addresses_of(netlink, nic);
  const auto& wanted = original.addresses;
  const auto disabled = original_setting(original, settings + "disable_ipv6");
  if (read_sysctl(settings + "disable_ipv6").value_or("") == disabled &&
      std::equal(present.begin(), present.end(), wanted.begin(), wanted.end(), same_address)) {
    return;
  }
  write_sysctl(settings + "accept_dad", "0");
  if (!disabled.empty()) write_sysctl(settings + "disable_ipv6", disabled);
  replace_addresses(netlink, nic, wanted);
}

void restore_routes(Netlink& netlink, const NetworkSnapshot& original) {
  const auto nic = link_named(netlink, original.nic);
  if (const auto control = find_own_link(netlink, control_link)) {
    return move_routes(netlink, original.routes, *control, nic, true);
  }
  // Without the control link this is a repeated release: keeps existing routes, and so their remaining lifetimes.
  const auto present = routes_of(netlink, nic, original.addresses);
  for (const auto& route : original.routes) {
    auto same = [&](domain::Route other) {
      other.expires_seconds = route.expires_seconds;
      return other == route;
    };
    if (std::none_of(present.begin(), present.end(), same)) replace_route(netlink, nic, route);
  }
}

void take_out_of_bridge(Netlink& netlink, const std::string& nic_name, const std::string& bridge_name) {
  const auto bridge = find_own_link(netlink, bridge_name);
  const auto nic = link_named(netlink, nic_name);
  if (bridge && nic.master == bridge->index) change_link(netlink, nic, {.master = 0});
}

class Undo {
public:
  void operator()(const std::function<void()>& step) {
    try {
      step();
    } catch (const std::exception& error) {
      problems_.push_back(report_of(error).one_line());
    }
  }
  [[nodiscard]] std::vector<std::string> problems() && { return std::move(problems_); }

private:
  std::vector<std::string> problems_;
};

void remove_guests_part(Undo& undo, Netlink& netlink, LocalDhcp& dhcp, const std::string& bridge,
                        const std::string& tap) {
  undo([&] { dhcp.stop(); });
  undo([&] { remove_probe(netlink); });
  for (const auto& name : {std::string(guest_link), bridge, tap}) undo([&] { delete_own_link(netlink, name); });
}

/// The NIC by name, else by its index (kept by a renaming), else the only card with its MAC: a driver that was loaded
/// again changes the index.
const Link* find_nic(const std::vector<Link>& all, const NetworkSnapshot& original, const std::string& bridge_name) {
  const Link* by_index = nullptr;
  std::vector<const Link*> by_mac;
  const auto bridge = std::find_if(all.begin(), all.end(), [&](const Link& link) { return link.name == bridge_name; });
  for (const auto& link : all) {
    if (link.mac != original.mac || link.group == link_group) continue;
    if (link.name == original.nic) return &link;
    if (link.index == original.index) by_index = &link;
    const bool free = link.master == 0 || (bridge != all.end() && link.master == bridge->index);
    if (free && (link.kind != "vlan" && link.kind != "macvlan" && link.kind != "macvtap")) by_mac.push_back(&link);
  }
  if (by_index != nullptr) return by_index;
  return by_mac.size() == 1 ? by_mac.front() : nullptr;
}

}  // namespace

std::vector<TakeoverStep> takeover_steps(Netlink& netlink, LocalDhcp& dhcp, const TakeoverPlan& plan) {
  const auto& original = plan.original;
  return {{"settings", [&] { change_settings(control_ports_of(plan.control_ports), original); }},
          {"bridge", [&] { prepare_bridge(netlink, plan.bridge, plan.bridge_mac, original.mtu); }},
          {"tap", [&] { prepare_tap(netlink, plan.tap, plan.tap_queues, original.mtu); }},
          {"guest-link", [&] { prepare_guest_link(netlink, original.mtu); }},
          {"control-link", [&] { prepare_control_link(netlink, original); }},
          {"probe",
           [&] {
             prepare_probe(netlink, {plan.probe_address, plan.probe_mac}, original);
           }},
          {"guest-addressing", [&] { arrange_guest_addressing(dhcp, plan.addressing, original); }},
          {"filter", [&] { load_filter(plan); }},
          {"control-addresses", [&] { add_control_addresses(netlink, original.addresses); }},
          {"control-routes",
           [&] {
             move_routes(netlink, original.routes, link_named(netlink, original.nic), link_named(netlink, control_link),
                         false);
           }},
          {"strip-nic", [&] { strip_nic(netlink, original.nic); }},
          {"join", [&] { join(netlink, plan.bridge, original); }}};
}

TakeoverPlan with_present_name(Netlink& netlink, TakeoverPlan plan) {
  const auto all = links(netlink);
  const auto* nic = find_nic(all, plan.original, plan.bridge);
  if (nic == nullptr || nic->name == plan.original.nic) return plan;
  auto& original = plan.original;
  for (const char* family : {"ipv4", "ipv6"}) {
    const auto before = fmt::format("net/{}/conf/{}/", family, original.nic);
    for (auto& [path, value] : original.sysctls) {
      if (path.starts_with(before)) {
        path = fmt::format("net/{}/conf/{}/{}", family, nic->name, path.substr(before.size()));
      }
    }
  }
  for (auto& address : original.addresses) {
    if (address.label.starts_with(original.nic)) address.label.replace(0, original.nic.size(), nic->name);
  }
  original.nic = nic->name;
  return plan;
}

std::vector<std::string> undo_takeover(Netlink& netlink, LocalDhcp& dhcp, const TakeoverPlan& plan) {
  Undo undo;
  const auto& original = plan.original;
  const auto nic = find_link(netlink, original.nic);
  if (!nic || nic->mac != original.mac) {
    undo([&] {
      throw Error(ErrorCode::network,
                  fmt::format("the network card {} with the MAC {} is gone{}", original.nic, original.mac,
                              find_own_link(netlink, control_link)
                                  ? fmt::format("; the server's addresses stay on {}", control_link)
                                  : ""));
    });
    remove_guests_part(undo, netlink, dhcp, plan.bridge, plan.tap);
    return std::move(undo).problems();
  }
  undo([&] { take_out_of_bridge(netlink, original.nic, plan.bridge); });
  undo([&] { restore_addresses(netlink, original); });
  undo([&] { restore_routes(netlink, original); });
  // Until now the filter kept the host's connections on the control link; from here the NIC takes them.
  undo([] { nft::remove_table(); });
  undo([&] { delete_own_link(netlink, control_link); });
  remove_guests_part(undo, netlink, dhcp, plan.bridge, plan.tap);
  for (const auto& [path, value] : original.sysctls) {
    undo([&path = path, &value = value] { write_sysctl(path, value); });
  }
  return std::move(undo).problems();
}

}  // namespace rescue::linux
