// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/survey.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/suggest.hpp"
#include "orchestrator/linux/network/addresses.hpp"
#include "orchestrator/linux/network/routes.hpp"
#include "orchestrator/linux/network/sysctl.hpp"

#include <fmt/format.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <limits>
#include <sstream>

namespace rescue::linux {
namespace {

bool is_candidate(const Link& link) { return link.ethernet && !link.loopback; }

std::string names_of(const std::vector<Link>& all) {
  std::vector<std::string> names;
  for (const auto& link : all) {
    if (is_candidate(link)) names.push_back(fmt::format("{}{}", link.name, link.up ? "" : " (down)"));
  }
  return names.empty() ? "This machine has no network card." : fmt::format("There are: {}.", fmt::join(names, ", "));
}

/// The link of the default route that the kernel prefers; none without one.
const Link* link_of_default_route(Netlink& netlink, const std::vector<Link>& all, std::string_view destination) {
  const Link* best = nullptr;
  unsigned lowest = std::numeric_limits<unsigned>::max();
  for (const auto& link : all) {
    if (!is_candidate(link)) continue;
    for (const auto& route : routes_of(netlink, link, {})) {
      if (route.destination != destination || route.table != RT_TABLE_MAIN) continue;
      if (best != nullptr && route.metric >= lowest) continue;
      best = &link;
      lowest = route.metric;
    }
  }
  return best;
}

Link automatic_choice(Netlink& netlink, const std::vector<Link>& all) {
  for (const char* destination : {"0.0.0.0/0", "::/0"}) {
    if (const auto* link = link_of_default_route(netlink, all, destination)) return *link;
  }
  std::vector<Link> physical;
  std::copy_if(all.begin(), all.end(), std::back_inserter(physical),
               [](const Link& link) { return is_candidate(link) && link.kind.empty(); });
  if (physical.size() == 1) return physical.front();
  throw Error(ErrorCode::precondition, "there is no default route to tell which network card is the server's",
              names_of(all) + " Name it as network.interface.");
}

Link choice(Netlink& netlink, const std::string& nic) {
  const auto all = links(netlink);
  if (nic.empty() || nic == "auto") return automatic_choice(netlink, all);
  const auto found = std::find_if(all.begin(), all.end(), [&](const Link& link) { return link.name == nic; });
  if (found != all.end()) return *found;
  std::vector<std::string_view> names(all.size());
  std::transform(all.begin(), all.end(), names.begin(), [](const Link& link) { return std::string_view(link.name); });
  const auto near = nearest(nic, names);
  throw Error(ErrorCode::precondition, fmt::format("there is no network card {}", nic),
              (near ? fmt::format("Did you mean {}? ", *near) : "") + names_of(all));
}

void check_usable(const Link& link, Netlink& netlink) {
  if (!link.ethernet || link.mac.empty()) {
    throw Error(ErrorCode::precondition, fmt::format("{} is no Ethernet link", link.name), names_of(links(netlink)));
  }
  if (!link.up) {
    throw Error(ErrorCode::precondition, fmt::format("the network card {} is down", link.name),
                fmt::format("Bring it up with its address, or name another one. {}", names_of(links(netlink))));
  }
  if (link.master != 0) {
    throw Error(ErrorCode::precondition, fmt::format("{} is a port of a bridge or bond", link.name),
                "Name the bond itself, or take the link out of the bridge.");
  }
}

std::vector<std::string> dns_servers() {
  // systemd-resolved hides the servers behind a stub of its own, and tells them here.
  for (const char* path : {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"}) {
    const auto text = read_file_if_exists(path);
    if (!text) continue;
    auto servers = parse_resolv_conf(*text);
    if (!servers.empty()) return servers;
  }
  return {};
}

}  // namespace

std::vector<std::string> changed_settings(const std::string& nic) {
  return {"net/ipv4/conf/all/arp_ignore",
          "net/ipv4/conf/all/rp_filter",
          "net/ipv4/ip_local_port_range",
          "net/ipv4/ip_local_reserved_ports",
          fmt::format("net/ipv6/conf/{}/accept_dad", nic),
          fmt::format("net/ipv6/conf/{}/disable_ipv6", nic)};
}

std::vector<std::string> parse_resolv_conf(std::string_view text) {
  std::vector<std::string> servers;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword;
    std::string server;
    words >> keyword >> server;
    if (keyword != "nameserver" || server.starts_with("127.") || server == "::1" || server.starts_with("fe80:")) {
      continue;
    }
    try {
      if (IpPrefix::parse(server).address() == server) servers.push_back(server);
    } catch (const Error&) {
      continue;  // the resolver passes over such a line too
    }
  }
  return servers;
}

domain::NetworkSnapshot survey_network(Netlink& netlink, const std::string& nic) {
  const auto link = choice(netlink, nic);
  check_usable(link, netlink);
  domain::NetworkSnapshot snapshot;
  snapshot.nic = link.name;
  snapshot.mac = link.mac;
  snapshot.mtu = link.mtu;
  snapshot.addresses = addresses_of(netlink, link);
  snapshot.routes = routes_of(netlink, link, snapshot.addresses);
  snapshot.dns_servers = dns_servers();
  for (const auto& path : changed_settings(link.name)) {
    if (auto value = read_sysctl(path)) snapshot.sysctls.emplace_back(path, *std::move(value));
  }
  return snapshot;
}

}  // namespace rescue::linux
