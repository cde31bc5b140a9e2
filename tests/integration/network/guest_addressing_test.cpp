// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The guest's address comes from the provider's DHCP server over the wire, or from ours on the tap.
#include "core/error.hpp"
#include "orchestrator/linux/network/addresses.hpp"
#include "orchestrator/linux/network/local_dhcp.hpp"
#include "tests/integration/network/dhcp_client.hpp"
#include "tests/integration/network/lab.hpp"

#include <linux/if_addr.h>

#include <algorithm>

namespace rescue::linux {
namespace {

using domain::GuestAddressing;
using namespace lab;  // NOLINT: the data centre is what these tests speak of

class GuestAddressingTest : public NetworkLab {};

TEST_F(GuestAddressingTest, LocalAnswerCarriesAllThatTheServerHad) {
  build_server();
  auto taken = plan(GuestAddressing::local_dhcp);
  taken.original.dns_servers = {ip_address("198.51.100.53"), ip_address("2001:db8::53")};
  take_over(taken);
  plug_guest(taken);
  const auto lease = DhcpClient("guest", "eth0", server_mac).lease();
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->address, server_v4);
  EXPECT_EQ(lease->server(), taken.probe_address.text());
  EXPECT_EQ(lease->address_in(1), "255.255.255.0");
  EXPECT_EQ(lease->address_in(3), router_v4);
  EXPECT_EQ(lease->address_in(6), "198.51.100.53");
  EXPECT_EQ(lease->options.at(6).size(), 4U) << "IPv4 name servers only";
  EXPECT_EQ(lease->options.at(26), std::string("\x05\xdc")) << "MTU 1500";
  EXPECT_EQ(lease->options.at(51), std::string("\xff\xff\xff\xff")) << "for ever";
  EXPECT_FALSE(lease->options.contains(121)) << "the gateway is within the prefix";
  EXPECT_TRUE(lease->boot_file.empty() && !lease->options.contains(67)) << "else the VM boots the rescue system itself";
  network.release(taken);
}

TEST_F(GuestAddressingTest, LocalAnswerTellsOfAGatewayOutsideOfThePrefix) {
  build_server_with_on_link_gateway();
  const auto taken = plan(GuestAddressing::local_dhcp);
  take_over(taken);
  plug_guest(taken);
  const auto lease = DhcpClient("guest", "eth0", server_mac).lease();
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->address_in(1), "255.255.255.255");
  EXPECT_EQ(lease->options.at(121), std::string("\x20\xcb\x00\x71\x01\x00\x00\x00\x00\x00\xcb\x00\x71\x01", 14))
      << "203.0.113.1/32 on the link, and the default route through it";
  network.release(taken);
}

TEST_F(GuestAddressingTest, ProbeWorksAfterLeaseAndRenewal) {
  build_server();
  const auto taken = plan(GuestAddressing::local_dhcp);
  take_over(taken);
  plug_guest(taken);
  DhcpClient client("guest", "eth0", server_mac);
  const auto lease = client.lease();
  ASSERT_TRUE(lease);
  configure_guest();
  const auto ssh = listen_in("guest", "0.0.0.0", 22);
  EXPECT_TRUE(reaches("rescue-prb", server_v4, 22, ssh)) << "after the lease";
  const auto renewed = client.renew(*lease);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->address, server_v4);
  EXPECT_TRUE(reaches("rescue-prb", server_v4, 22, ssh)) << "after the renewal";
  const auto neighbour = run_program({"ip", "-n", "rescue-prb", "neigh", "show", server_v4});
  EXPECT_NE(neighbour.find("PERMANENT"), std::string::npos) << neighbour;
  network.release(taken);
}

TEST_F(GuestAddressingTest, LocalAnswerIsTheOnlyOne) {
  build_server();
  start_provider_dhcp();
  const auto taken = plan(GuestAddressing::local_dhcp);
  take_over(taken);
  plug_guest(taken);
  const auto wire = packet_socket("router", "wire");
  const auto lease = DhcpClient("guest", "eth0", server_mac).lease();
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->server(), taken.probe_address.text());
  for (const auto& frame : frames_at(wire)) {
    EXPECT_FALSE(frame.size() > 250 && frame.find("resc") != std::string::npos) << "the guest's question left the host";
  }
  network.release(taken);
}

TEST_F(GuestAddressingTest, ProvidersAnswerReachesTheGuest) {
  build_server();
  start_provider_dhcp();
  const auto taken = plan(GuestAddressing::provider_dhcp);
  take_over(taken);
  EXPECT_FALSE(LocalDhcp(runtime_directory).running());
  plug_guest(taken);
  DhcpClient client("guest", "eth0", server_mac);
  const auto lease = client.lease();
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->server(), router_v4);
  EXPECT_EQ(lease->address, server_v4);
  configure_guest();
  const auto renewed = client.renew(*lease);
  ASSERT_TRUE(renewed) << "a unicast answer to the server's own address";
  const auto ssh = listen_in("guest", "0.0.0.0", 22);
  EXPECT_TRUE(reaches("customer", server_v4, 22, ssh));
  network.release(taken);
}

TEST_F(GuestAddressingTest, ServerIsLeftWithoutAnAnswerAfterRelease) {
  build_server();
  const auto taken = plan(GuestAddressing::local_dhcp);
  take_over(taken);
  const auto pid = LocalDhcp(runtime_directory).running();
  ASSERT_TRUE(pid);
  network.release(taken);
  EXPECT_FALSE(LocalDhcp(runtime_directory).running());
}

// ---- addresses of the NIC

TEST_F(GuestAddressingTest, LeasedAddressIsKnownByItsLifetime) {
  build_server();
  EXPECT_FALSE(network.address_is_leased(network.survey("nic0")));
  ip_batch("", "address change 203.0.113.7/24 dev nic0 valid_lft 600 preferred_lft 500\n");
  const auto leased = network.survey("nic0");
  EXPECT_TRUE(network.address_is_leased(leased));
  EXPECT_NEAR(leased.primary_v4()->valid_seconds, 600, 5);

  auto taken = plan();
  take_over(taken);
  Netlink netlink;
  const auto held = addresses_of(netlink, link_named(netlink, "ctl0"));
  EXPECT_TRUE(std::all_of(held.begin(), held.end(), [](const auto& address) {
    return address.valid_seconds == UINT32_MAX;
  })) << "nobody renews the lease on the control link: it must not run out there";
  network.release(taken);
  const auto after = network.survey("nic0");
  EXPECT_NEAR(after.primary_v4()->valid_seconds, 600, 5);
}

TEST_F(GuestAddressingTest, AddressesOfARouterAdvertisementKeepWhatTheyAre) {
  build_server();
  ip_batch("", "address add 2001:db8::5054:ff:fe12:3456/64 dev nic0 mngtmpaddr noprefixroute valid_lft 900 "
               "preferred_lft 800\n"
               "route add 2001:db8::/64 dev nic0 proto ra metric 1024 expires 900\n"
               "route add default via fe80::1 dev nic0 proto ra metric 1024 expires 900 mtu 1400\n");
  const auto before = settled_state_of_server();
  const auto taken = plan();
  take_over(taken);
  network.release(taken);
  EXPECT_EQ(difference_that_stays(before), "");
  const auto route = run_program({"ip", "-6", "route", "show", "default", "via", "fe80::1"});
  EXPECT_NE(route.find("expires 8"), std::string::npos) << route;
}

TEST_F(GuestAddressingTest, PrefixRouteOfItsOwnMetricComesBack) {
  build_server();
  ip_batch("", "address add 198.18.0.5/16 dev nic0 metric 700\n"
               "address add 10.99.0.5/24 dev nic0 noprefixroute\n"
               "route add 10.99.0.0/24 dev nic0 proto kernel scope link src 10.99.0.5 metric 100\n");
  const auto before = settled_state_of_server();
  const auto taken = plan();
  take_over(taken);
  EXPECT_NE(run_program({"ip", "route", "show", "10.99.0.0/24"}).find("dev ctl0"), std::string::npos);
  network.release(taken);
  EXPECT_EQ(difference_that_stays(before), "");
}

TEST_F(GuestAddressingTest, MissingNicIsAnErrorThatNamesTheOthers) {
  build_server();
  try {
    (void)network.survey("nic1");
    FAIL() << "it found nic1";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_NE(error.hint().find("Did you mean nic0?"), std::string::npos) << error.hint();
  }
  ip_batch("", "route del default dev nic0\nroute del default via 2001:db8::1 dev nic0\n");
  try {
    const auto found = network.survey("auto");
    FAIL() << "it chose " << found.nic;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_NE(error.hint().find("nic0"), std::string::npos) << error.hint();
  }
  ip_batch("", "link set nic0 down\n");
  try {
    (void)network.survey("nic0");
    FAIL() << "a NIC that is down was good enough";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::precondition);
  }
}

}  // namespace
}  // namespace rescue::linux
