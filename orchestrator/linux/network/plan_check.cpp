// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "orchestrator/linux/network/control_ports.hpp"
#include "orchestrator/linux/network/links.hpp"
#include "orchestrator/linux/network/takeover.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"

#include <fmt/format.h>
#include <linux/if.h>
#include <sys/socket.h>

#include <algorithm>

namespace rescue::linux {
namespace {

using domain::GuestAddressing;
using domain::TakeoverPlan;

/// A link under a name of ours that is not of our making stays what it is: release would delete it.
void check_name(Netlink& netlink, const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) {
    throw Error(ErrorCode::precondition, fmt::format("'{}' can't be the name of a network link", name),
                fmt::format("A name has 1 to {} characters.", IFNAMSIZ - 1));
  }
  const auto link = find_link(netlink, name);
  if (link && link->group != link_group) {
    throw Error(ErrorCode::precondition, fmt::format("the network link {} is in the way", name),
                "Remove or rename it: the takeover makes its own link of that name.");
  }
}

Error bad_probe_address(const TakeoverPlan& plan, const std::string& why) {
  return {ErrorCode::precondition, fmt::format("the probe address {} {}", plan.probe_address, why),
          "Set network.probe_address to an IPv4 address that nobody uses: 192.0.2.1, or 169.254.x.y."};
}

/// From this address the host looks at the guest, which answers to it: whoever has it is cut off from the guest.
void check_probe_address(const TakeoverPlan& plan) {
  const auto probe = IpPrefix::parse(plan.probe_address);
  if (probe.family != AF_INET || plan.probe_address.find('/') != std::string::npos) {
    throw bad_probe_address(plan, "is not IPv4");
  }
  for (const char* reserved : {"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3"}) {
    if (IpPrefix::parse(reserved).contains(probe)) throw bad_probe_address(plan, "is no host's");
  }
  for (const auto& address : plan.original.addresses) {
    if (address.is_v6()) continue;
    auto network = IpPrefix::parse(address.address);
    if (network.bytes == probe.bytes) throw bad_probe_address(plan, "is the server's own");
    network.length = address.prefix;
    if (network.contains(probe)) {
      throw bad_probe_address(plan, fmt::format("is in the server's network {}", network.network().text()));
    }
    if (address.peer == plan.probe_address) throw bad_probe_address(plan, "is the server's neighbour");
  }
  for (const auto& route : plan.original.routes) {
    if (route.gateway == plan.probe_address) throw bad_probe_address(plan, "is a gateway's");
    // A default route may come in two halves; what is narrower than a class A is a place.
    const auto destination = IpPrefix::parse(route.destination);
    if (destination.length >= 8 && destination.contains(probe)) {
      throw bad_probe_address(plan, fmt::format("is where the route {} leads", route.destination));
    }
  }
  const auto is_probe = [&](const std::string& address) { return address == plan.probe_address; };
  const auto& servers = plan.original.dns_servers;
  if (std::any_of(servers.begin(), servers.end(), is_probe)) throw bad_probe_address(plan, "is a name server's");
  const auto& control_plane = plan.control_plane_addresses;
  if (std::any_of(control_plane.begin(), control_plane.end(), is_probe)) {
    throw bad_probe_address(plan, "is the control plane's");
  }
}

}  // namespace

void check_plan(Netlink& netlink, const TakeoverPlan& plan) {
  (void)control_ports_of(plan.control_ports);
  const auto nic = find_link(netlink, plan.original.nic);
  if (!nic || nic->mac != plan.original.mac) {
    throw Error(ErrorCode::precondition,
                fmt::format("the network card {} with the MAC {} is gone", plan.original.nic, plan.original.mac),
                "Was it replaced or renamed since the session was planned?");
  }
  for (const auto& name : {plan.bridge, plan.tap, std::string(control_link), std::string(control_port),
                           std::string(guest_link), std::string(guest_port), std::string(probe_port)}) {
    check_name(netlink, name);
  }
  try {
    for (const auto& mac : {plan.bridge_mac, plan.probe_mac}) (void)mac_bytes(mac);
    // Checked here, since nft would take what is no address for a name, and ask the resolver.
    for (const auto& address : plan.control_plane_addresses) (void)IpPrefix::parse(address);
    for (const auto& address : plan.original.dns_servers) (void)IpPrefix::parse(address);
    (void)IpPrefix::parse(plan.probe_address);
  } catch (const Error& error) {
    throw Error(ErrorCode::precondition, error.what(), "Correct the network section of the configuration.");
  }
  check_probe_address(plan);
  if (plan.addressing == GuestAddressing::local_dhcp) (void)local_dhcp_arguments(plan, "");
}

}  // namespace rescue::linux
