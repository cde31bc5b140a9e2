// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/survey.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/printable.hpp"
#include "core/suggest.hpp"
#include "core/utf8.hpp"
#include "orchestrator/linux/network/addresses.hpp"
#include "orchestrator/linux/network/resolve.hpp"
#include "orchestrator/linux/network/routes.hpp"
#include "orchestrator/linux/network/sysctl.hpp"

#include <fmt/format.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <limits>
#include <sstream>

namespace rescue::linux {
namespace {

using namespace net::literals;  // NOLINT: constants are to read as addresses

constexpr std::size_t most_of_a_name = 64;  // each byte may become four

bool is_candidate(const Link& link) { return link.ethernet && !link.loopback; }

std::string names_of(const std::vector<Link>& all) {
  std::vector<std::string> names;
  for (const auto& link : all) {
    if (!is_candidate(link)) continue;
    names.push_back(fmt::format("{}{}", printable(link.name, most_of_a_name), link.up ? "" : " (down)"));
  }
  return names.empty() ? "This machine has no network card." : fmt::format("There are: {}.", fmt::join(names, ", "));
}

/// The link of the default route that the kernel prefers; none without one.
const Link* link_of_default_route(Netlink& netlink, const std::vector<Link>& all, const net::Prefix& destination) {
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

Error multipath() {
  return {ErrorCode::precondition, "the IPv4 default route is a multipath route",
          "A session uses one router: give the server a default route with one gateway, in the main table."};
}

Link automatic_choice(Netlink& netlink, const std::vector<Link>& all) {
  if (has_multipath_default_v4(netlink, nullptr)) throw multipath();
  for (const auto& destination : {"0.0.0.0/0"_prefix, "::/0"_prefix}) {
    if (const auto* link = link_of_default_route(netlink, all, destination)) return *link;
  }
  std::vector<Link> physical;
  std::copy_if(all.begin(), all.end(), std::back_inserter(physical),
               [](const Link& link) { return is_candidate(link) && link.kind.empty(); });
  if (physical.size() == 1) return physical.front();
  throw Error(ErrorCode::precondition, "there is no default route that names the server's network card",
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

/// Whether a bridge refuses this kind as a port.
bool never_joins(const std::string& kind) {
  return kind == "bridge" || kind == "macvlan" || kind == "macvtap" || kind == "ipvlan" || kind == "ipvtap";
}

/// Whether this kind takes all frames of the link below it, like a bridge.
bool takes_frames_of_lower(const std::string& kind) {
  return kind == "macvlan" || kind == "macvtap" || kind == "ipvlan" || kind == "ipvtap";
}

/// Throws for a link that can't become a port of the takeover's bridge, before anything is changed.
void check_can_join(const Link& link, const std::vector<Link>& all) {
  if (link.master != 0) {
    const auto master = std::find_if(all.begin(), all.end(), [&](const Link& one) { return one.index == link.master; });
    const auto name =
        master == all.end() ? std::string("another link") : fmt::format("{} ({})", master->name, master->kind);
    throw Error(ErrorCode::precondition, fmt::format("{} is a port of {}", link.name, name),
                "Name the bond itself, or take the link out of the bridge and give it the addresses.");
  }
  if (never_joins(link.kind)) {
    throw Error(ErrorCode::precondition,
                fmt::format("{} is a {}, which can't be a port of a bridge", link.name, link.kind),
                link.kind == "bridge" ? "Take the bridge apart: its network card needs the addresses itself."
                                      : "Give the addresses to the network card below it.");
  }
  for (const auto& other : all) {
    if (other.lower != link.index || !takes_frames_of_lower(other.kind)) continue;
    throw Error(ErrorCode::precondition, fmt::format("the {} {} sits on {}", other.kind, other.name, link.name),
                fmt::format("Remove {} for the session: it takes the frames that the rescue VM needs.", other.name));
  }
}

/// The kernel allows almost any bytes; the journal's JSON needs UTF-8, and nftables has a meaning for some characters.
void check_name(const Link& link) {
  if (is_utf8(link.name) && !link.name.starts_with('@') && !link.name.ends_with('*')) return;
  throw Error(ErrorCode::precondition,
              fmt::format("the network card {} can't be taken over by its name", printable(link.name, most_of_a_name)),
              "Rename it: without an @ in front, without an asterisk at the end, and in UTF-8.");
}

void check_usable(const Link& link, Netlink& netlink) {
  const auto all = links(netlink);
  check_name(link);
  if (!link.ethernet || !link.mac) {
    throw Error(ErrorCode::precondition, fmt::format("{} is no Ethernet link", link.name), names_of(all));
  }
  if (!link.up) {
    throw Error(ErrorCode::precondition, fmt::format("the network card {} is down", link.name),
                fmt::format("Bring it up with its address, or name another one. {}", names_of(all)));
  }
  check_can_join(link, all);
  if (has_multipath_default_v4(netlink, &link)) throw multipath();
}

/// Loopback, "this host", and addresses that need a link: a guest can't use any of them.
bool is_only_for_the_host(const net::IpAddress& address) {
  const auto prefixes = {"0.0.0.0/8"_prefix, "127.0.0.0/8"_prefix, "224.0.0.0/3"_prefix,
                         "::/127"_prefix,    "fe80::/10"_prefix,   "ff00::/8"_prefix};
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const net::Prefix& prefix) { return prefix.contains(address); });
}

std::vector<net::IpAddress> dns_servers() {
  // systemd-resolved hides the servers behind its own stub, and lists them here.
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
  return {"net/bridge/bridge-nf-call-arptables",
          "net/bridge/bridge-nf-call-ip6tables",
          "net/bridge/bridge-nf-call-iptables",
          "net/ipv4/conf/all/arp_ignore",
          "net/ipv4/conf/all/rp_filter",
          "net/ipv4/ip_local_port_range",
          "net/ipv4/ip_local_reserved_ports",
          fmt::format("net/ipv6/conf/{}/accept_dad", nic),
          fmt::format("net/ipv6/conf/{}/disable_ipv6", nic)};
}

std::vector<net::IpAddress> parse_resolv_conf(std::string_view text) {
  std::vector<net::IpAddress> servers;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword;
    std::string server;
    words >> keyword >> server;
    if (keyword != "nameserver") continue;
    // Skips a line without an address, like the resolver.
    const auto address = address_in_any_form(server);
    if (!address || is_only_for_the_host(*address)) continue;
    if (std::find(servers.begin(), servers.end(), *address) == servers.end()) servers.push_back(*address);
  }
  return servers;
}

domain::NetworkSnapshot survey_network(Netlink& netlink, const std::string& nic) {
  const auto link = choice(netlink, nic);
  check_usable(link, netlink);
  domain::NetworkSnapshot snapshot;
  snapshot.nic = link.name;
  snapshot.mac = link.mac.value_or(net::Mac());
  snapshot.mtu = link.mtu;
  snapshot.index = link.index;
  snapshot.addresses = addresses_of(netlink, link);
  snapshot.routes = routes_of(netlink, link, snapshot.addresses);
  snapshot.dns_servers = dns_servers();
  // Skips a resolver on the host itself: in a session the guest has its address.
  std::erase_if(snapshot.dns_servers, [&](const net::IpAddress& server) {
    return std::any_of(snapshot.addresses.begin(), snapshot.addresses.end(),
                       [&](const auto& address) { return address.address == server; });
  });
  for (const auto& path : changed_settings(link.name)) {
    if (auto value = read_sysctl(path)) snapshot.sysctls.emplace_back(path, *std::move(value));
  }
  return snapshot;
}

}  // namespace rescue::linux
