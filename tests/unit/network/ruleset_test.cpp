// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The packet filter as it is sent to nft: compared as a whole, so that a review shows each change of a rule.
#include "core/file.hpp"
#include "orchestrator/linux/network/local_dhcp.hpp"
#include "orchestrator/linux/network/ruleset.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace rescue::linux {
namespace {

using domain::GuestAddressing;
using domain::TakeoverPlan;
using namespace net::literals;

/// Compares with tests/golden/network/NAME; RESCUE_TEST_ACCEPT=1 writes it instead.
void expect_golden(const std::string& name, const std::string& text) {
  const auto path = std::string(RESCUE_GOLDEN_FOLDER "/") + name;
  if (std::getenv("RESCUE_TEST_ACCEPT") != nullptr) write_file_atomically(path, text, 0644);
  EXPECT_EQ(read_file_if_exists(path).value_or("(no such file)"), text) << path;
}

/// Prints one command of the batch a line: a difference then shows the changed rule.
std::string lines_of(const nft::Batch& batch) {
  std::string text;
  const auto json = batch.json();
  for (const auto& command : json.at("nftables")) text += command.dump() + "\n";
  return text;
}

domain::InterfaceAddress address(const net::IpAddress& text, unsigned prefix) {
  domain::InterfaceAddress made;
  made.address = text;
  made.prefix = prefix;
  return made;
}

domain::Route route(const net::Prefix& destination, const net::IpAddress& gateway) {
  domain::Route made;
  made.destination = destination;
  made.gateway = gateway;
  return made;
}

TakeoverPlan example() {
  TakeoverPlan plan;
  plan.original.nic = "eno1";
  plan.original.mac = "52:54:00:12:34:56"_mac;
  plan.original.addresses = {address("203.0.113.7"_ip, 24), address("203.0.113.8"_ip, 32),
                             address("2001:db8::7"_ip, 64), address("fe80::5054:ff:fe12:3456"_ip, 64)};
  plan.original.routes = {route("0.0.0.0/0"_prefix, "203.0.113.1"_ip), route("::/0"_prefix, "fe80::1"_ip)};
  plan.original.dns_servers = {"198.51.100.53"_ip, "2001:db8::53"_ip};
  plan.bridge_mac = "0a:00:00:00:00:01"_mac;
  plan.probe_mac = "0a:00:00:00:00:02"_mac;
  return plan;
}

TEST(TakeoverRuleset, LocalDhcp) { expect_golden("local-dhcp.json", lines_of(takeover_ruleset(example(), {}))); }

TEST(TakeoverRuleset, ProviderDhcpWithLiveConnectionsAndAKnownControlPlane) {
  auto plan = example();
  plan.addressing = GuestAddressing::provider_dhcp;
  plan.control_plane_addresses = {"198.51.100.10"_ip, "2001:db8:f::10"_ip, "198.51.100.10"_ip};
  expect_golden("provider-dhcp.json",
                lines_of(takeover_ruleset(plan, {{"203.0.113.7"_ip, 22, "198.51.100.9"_ip, 40000},
                                                 {"2001:db8::7"_ip, 22, "2001:db8:c::9"_ip, 40001}})));
}

TEST(TakeoverRuleset, ServerWithoutIpv6) {
  auto plan = example();
  plan.original.addresses.resize(1);
  plan.original.routes.resize(1);
  plan.control_ports = {32768, 32783};
  expect_golden("ipv4-only.json", lines_of(takeover_ruleset(plan, {})));
}

TEST(TakeoverRuleset, NamesTheDeviceOfEachBaseChain) {
  const auto json = takeover_ruleset(example(), {}).json();
  for (const auto& command : json.at("nftables")) {
    const auto chain = command.value("add", nft::Json::object()).value("chain", nft::Json());
    EXPECT_EQ(chain.contains("hook"), chain.contains("dev")) << chain.dump();
  }
}

TEST(GuestV6Sources, HoldsNoPrefixWithinAnother) {
  domain::NetworkSnapshot original;
  original.addresses = {address("2001:db8::7"_ip, 128), address("2001:db8::8"_ip, 64),
                        address("2001:db8::9"_ip, 64),  address("2001:db8:0:1::1"_ip, 128),
                        address("fe80::1"_ip, 64),      address("203.0.113.7"_ip, 24)};
  std::vector<std::string> texts;
  for (const auto& source : guest_v6_sources(original)) texts.push_back(source.text());
  EXPECT_EQ(texts, (std::vector<std::string>{"::/128", "fe80::/10", "2001:db8::/64", "2001:db8:0:1::1/128"}));
}

TEST(LocalDhcp, ArgumentsAreTheWholeConfiguration) {
  std::string text;
  for (const auto& argument : local_dhcp_arguments(example().original, "/run/rescue/local-dhcp.pid"))
    text += argument + "\n";
  auto on_link = example().original;
  on_link.addresses = {address("203.0.113.7"_ip, 32)};
  text += "\n# /32 with a gateway on the link\n";
  for (const auto& argument : local_dhcp_arguments(on_link, "/run/rescue/local-dhcp.pid")) text += argument + "\n";
  expect_golden("dnsmasq-arguments.txt", text);
}

}  // namespace
}  // namespace rescue::linux
