// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "orchestrator/linux/network/control_ports.hpp"
#include "orchestrator/linux/network/links.hpp"
#include "orchestrator/linux/network/takeover.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"

#include <fmt/format.h>
#include <linux/if.h>

#include <algorithm>

namespace rescue::linux {
namespace {

using domain::GuestAddressing;
using domain::TakeoverPlan;
using namespace net::literals;  // NOLINT: constants are to read as addresses

/// Refuses an existing link that has one of our names and is not ours: release would delete it.
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

Error bad_probe_address(const net::IpAddress& probe, const std::string& why) {
  return {ErrorCode::precondition, fmt::format("the probe address {} {}", probe, why),
          "Set network.probe_address to an unused IPv4 address: 192.0.2.1, or 169.254.x.y."};
}

/// The host reaches the guest from this address, and the guest answers to it: its real owner is cut off from the guest.
void check_probe_address(const net::IpAddress& probe, const domain::NetworkSnapshot& original,
                         const std::vector<net::IpAddress>& control_plane) {
  if (!probe.is_v4()) throw bad_probe_address(probe, "is not IPv4");
  for (const auto& reserved : {"0.0.0.0/8"_prefix, "127.0.0.0/8"_prefix, "224.0.0.0/3"_prefix}) {
    if (reserved.contains(probe)) throw bad_probe_address(probe, "can't be a host's");
  }
  for (const auto& address : original.addresses) {
    if (address.is_v6()) continue;
    if (address.address == probe) throw bad_probe_address(probe, "is the server's own");
    const auto network = net::Prefix(address.address, address.prefix).network();
    if (network.contains(probe)) {
      throw bad_probe_address(probe, fmt::format("is in the server's network {}", network));
    }
    if (address.peer == probe) throw bad_probe_address(probe, "is the server's neighbour");
  }
  for (const auto& route : original.routes) {
    if (route.gateway == probe) throw bad_probe_address(probe, "is a gateway's");
    // A default route may be two halves. Only a route narrower than a class A leads to certain hosts.
    if (route.destination.length() >= 8 && route.destination.contains(probe)) {
      throw bad_probe_address(probe, fmt::format("is in the destination of the route {}", route.destination));
    }
  }
  const auto holds_probe = [&](const std::vector<net::IpAddress>& addresses) {
    return std::find(addresses.begin(), addresses.end(), probe) != addresses.end();
  };
  if (holds_probe(original.dns_servers)) throw bad_probe_address(probe, "is a name server's");
  if (holds_probe(control_plane)) throw bad_probe_address(probe, "is the control plane's");
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
  for (const auto& mac : {plan.bridge_mac, plan.probe_mac}) {
    if (!mac.is_zero() && !mac.is_group()) continue;
    throw Error(ErrorCode::precondition, fmt::format("{} can't be the MAC address of a network link", mac));
  }
  check_probe_address(plan.probe_address, plan.original, plan.control_plane_addresses);
  if (plan.addressing == GuestAddressing::local_dhcp) (void)local_dhcp_arguments(plan.original, "");
}

}  // namespace rescue::linux
