// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/probe_link.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "orchestrator/linux/network/addresses.hpp"
#include "orchestrator/linux/network/namespace.hpp"
#include "orchestrator/linux/network/routes.hpp"
#include "orchestrator/linux/network/sysctl.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <cstring>

namespace rescue::linux {
namespace {

void add_pair(Netlink& netlink, const net::Mac& mac, unsigned mtu) {
  const FileDescriptor space(::open(probe_namespace, O_RDONLY | O_CLOEXEC));
  if (!space) {
    throw Error(ErrorCode::network, fmt::format("cannot open {}: {}", probe_namespace, std::strerror(errno)));
  }
  add_veth(netlink, {probe_port}, {probe_link, mac, space.get()}, mtu);
}

/// Runs inside the namespace.
void configure_inside(const net::IpAddress& own_address, const domain::NetworkSnapshot& original) {
  Netlink netlink;
  const auto link = link_named(netlink, probe_link);
  write_sysctl(fmt::format("net/ipv6/conf/{}/disable_ipv6", probe_link), "1");
  write_sysctl(fmt::format("net/ipv4/conf/{}/rp_filter", probe_link), "0");
  write_sysctl("net/ipv4/conf/all/rp_filter", "0");
  domain::InterfaceAddress own;
  own.address = own_address;
  own.prefix = 32;
  set_address(netlink, link, own);
  change_link(netlink, link, {.up = true, .mtu = original.mtu});
  for (const auto& address : original.addresses) {
    if (address.is_v6()) continue;
    domain::Route route;
    route.destination = net::Prefix(address.address);
    route.protocol = RTPROT_STATIC;
    route.scope = RT_SCOPE_LINK;
    replace_route(netlink, link, route);
    set_neighbour(netlink, link, address.address, original.mac);
  }
}

}  // namespace

void prepare_probe(Netlink& netlink, const ProbeEnd& probe, const domain::NetworkSnapshot& original) {
  if (!namespace_exists(probe_namespace)) {
    // A link whose other end is in a namespace without a name is useless.
    delete_own_link(netlink, probe_port);
    add_namespace(probe_namespace);
  }
  if (!find_link(netlink, probe_port)) add_pair(netlink, probe.mac, original.mtu);
  write_sysctl(fmt::format("net/ipv6/conf/{}/disable_ipv6", probe_port), "1");
  change_link(netlink, link_named(netlink, probe_port), {.up = true, .mtu = original.mtu});
  run_in_namespace(probe_namespace, [&] { configure_inside(probe.address, original); });
}

void remove_probe(Netlink& netlink) {
  delete_own_link(netlink, probe_port);
  remove_namespace(probe_namespace);
}

}  // namespace rescue::linux
