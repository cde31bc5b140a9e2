// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Surveys of different hosts: results and refusals, settings that stay unchanged, and settings that are restored.
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/linux/network/links.hpp"
#include "orchestrator/linux/network/sysctl.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"
#include "tests/integration/network/dhcp_client.hpp"
#include "tests/integration/network/lab.hpp"

#include <sys/mount.h>

namespace rescue::linux {
namespace {

using namespace lab;  // NOLINT: the data centre is what these tests speak of

bool succeeds(const std::vector<std::string>& argv) {
  Command command;
  command.argv = argv;
  return run(command).status == 0;
}

class HostNetworkTest : public NetworkLab {
protected:
  void take_over_and_release() {
    const auto before = settled_state_of_server();
    const auto taken = plan();
    take_over(taken);
    network.release(taken);
    EXPECT_EQ(difference_that_stays(before), "");
  }
};

// ---- addresses and routers

TEST_F(HostNetworkTest, RouterOfAnotherTableIsNotTheGuests) {
  build_server();
  ip_batch("", "route add default via 203.0.113.129 dev nic0 table 100\n"
               "rule add from 203.0.113.99 lookup 100\n");
  const auto taken = plan();
  EXPECT_EQ(taken.original.gateway_v4(), ip_address(router_v4));
  take_over(taken);
  plug_guest(taken);
  const auto lease = DhcpClient("guest", "eth0", server_mac).lease();
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->address_in(3), router_v4);
  network.release(taken);
}

TEST_F(HostNetworkTest, AddressOfTheDefaultRouteIsTheGuests) {
  build_server();
  ip_batch("",
           "address del 203.0.113.7/24 dev nic0\naddress add 10.0.0.7/8 dev nic0\naddress add 203.0.113.7/24 dev nic0\n"
           "route add default via 203.0.113.1 dev nic0\n");
  const auto taken = plan();
  EXPECT_EQ(taken.original.primary_v4()->address, ip_address(server_v4));
  take_over(taken);
  plug_guest(taken);
  const auto lease = DhcpClient("guest", "eth0", server_mac).lease();
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->address, server_v4);
  EXPECT_EQ(lease->address_in(1), "255.255.255.0");
  EXPECT_FALSE(lease->options.contains(121));
  network.release(taken);
}

TEST_F(HostNetworkTest, LeaseOfOneAddressWithARouterOutsideComesBackAsItWas) {
  build_datacentre();
  ip_batch("", "link set nic0 up\n"
               "address add 203.0.113.7/32 dev nic0 valid_lft 3600 preferred_lft 3600 metric 1024\n"
               "route add 203.0.113.1/32 dev nic0 proto dhcp scope link src 203.0.113.7 metric 1024\n"
               "route add default via 203.0.113.1 dev nic0 proto dhcp src 203.0.113.7 metric 1024\n"
               "route add 198.18.0.0/15 via 203.0.113.1 dev nic0 proto dhcp src 203.0.113.7 metric 1024\n");
  wait_for_addresses();
  const auto before = settled_state_of_server();
  const auto taken = plan();
  take_over(taken);
  plug_guest(taken);
  const auto lease = DhcpClient("guest", "eth0", server_mac).lease();
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->options.at(121), std::string("\x20\xcb\x00\x71\x01\x00\x00\x00\x00\x00\xcb\x00\x71\x01", 14));
  unplug_guest();
  network.release(taken);
  EXPECT_EQ(difference_that_stays(before), "");
}

TEST_F(HostNetworkTest, NameServerOnTheHostItselfIsNotHandedOn) {
  build_server();
  write_file_atomically("/run/resolv.conf",
                        "nameserver 203.0.113.7\nnameserver 0.0.0.0\nnameserver 2001:DB8::53\n"
                        "nameserver 2001:db8:0:0:0:0:0:7\nnameserver 198.51.100.53\n",
                        0644);
  ASSERT_EQ(::mount("/run/resolv.conf", "/etc/resolv.conf", nullptr, MS_BIND, nullptr), 0);
  const auto servers = network.survey("auto").dns_servers;
  ::umount2("/etc/resolv.conf", MNT_DETACH);
  EXPECT_EQ(servers, (std::vector{ip_address("2001:db8::53"), ip_address("198.51.100.53")}));
}

TEST_F(HostNetworkTest, Ipv6GatewayOfAnIpv4RouteIsRefusedForTheLocalLease) {
  build_server();
  ip_batch("", "route del default dev nic0 metric 1024\nroute add 0.0.0.0/0 via inet6 fe80::1 dev nic0\n");
  auto taken = plan(domain::GuestAddressing::local_dhcp);
  try {
    network.check(taken);
    FAIL() << "it would take over";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::precondition);
    EXPECT_NE(std::string(error.what()).find("fe80::1"), std::string::npos) << error.what();
  }
  taken.addressing = domain::GuestAddressing::provider_dhcp;
  network.check(taken);
}

// ---- refused hosts

TEST_F(HostNetworkTest, MultipathDefaultRouteIsRefused) {
  build_server();
  ip_batch("", "route del default dev nic0 metric 1024\n"
               "route add default nexthop via 203.0.113.1 dev nic0 nexthop via 203.0.113.2 dev nic0\n");
  expect_refusal("auto", "multipath");
  expect_refusal("nic0", "multipath");
}

TEST_F(HostNetworkTest, PortOfABridgeIsRefusedByTheBridgesName) {
  build_server();
  ip_batch("", "link add br-data type bridge\nlink set nic0 master br-data\n");
  expect_refusal("nic0", "is a port of br-data (bridge)");
}

TEST_F(HostNetworkTest, BridgeIsRefused) {
  build_server();
  ip_batch("", "link add br-data type bridge\nlink set br-data up\nlink set nic0 master br-data\n"
               "address flush dev nic0\naddress add 203.0.113.7/24 dev br-data\n"
               "route add default via 203.0.113.1 dev br-data\nroute flush dev nic0\n");
  expect_refusal("br-data", "br-data is a bridge");
  expect_refusal("auto", "br-data is a bridge");
}

TEST_F(HostNetworkTest, LinkThatTakesTheNicsFramesIsNamed) {
  build_server();
  if (!succeeds({"ip", "link", "add", "above", "link", "nic0", "type", "macvlan"})) {
    GTEST_SKIP() << "this kernel has no macvlan";
  }
  expect_refusal("auto", "the macvlan above sits on nic0");
  ip_batch("", "link set above up\naddress add 203.0.113.77/24 dev above\n");
  expect_refusal("above", "above is a macvlan");
}

TEST_F(HostNetworkTest, ProbeAddressThatSomebodyHasIsRefused) {
  build_server();
  ip_batch("", "address add 10.20.0.7/32 peer 10.20.0.1/32 dev nic0\n");
  auto good = plan();
  good.original.dns_servers = {ip_address("198.51.100.53")};
  good.control_plane_addresses = {ip_address("198.51.100.10")};
  network.check(good);
  good.probe_address = ip_address("169.254.99.1");
  network.check(good);
  for (const char* address :
       {server_v4, router_v4, "203.0.113.200", "203.0.113.255", "10.20.0.7", "10.20.0.1", "10.11.3.4", "198.51.100.53",
        "198.51.100.10", "0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "2001:db8::99"}) {
    auto bad = good;
    bad.probe_address = ip_address(address);
    try {
      network.check(bad);
      ADD_FAILURE() << address;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::precondition) << address;
      EXPECT_FALSE(error.hint().empty()) << address;
    }
  }
}

// ---- settings of others

TEST_F(HostNetworkTest, LinksOfOurNamesThatAreNotOursAreLeftAlone) {
  build_server();
  const auto taken = plan();
  for (const char* name : {"ctl0", "ctlp", "prbp", "rsvm0", "rsvmp", "rsbr0", "rstap0"}) {
    ip_batch("", std::string("link add ") + name + " type veth peer name theirs\nlink set theirs up\n");
    if (std::string(name) == "rsbr0") ip_batch("", "link del theirs\nlink add rsbr0 type bridge\n");
    if (std::string(name) == "rstap0") ip_batch("", "link del theirs\ntuntap add dev rstap0 mode tap multi_queue\n");
    const auto before = settled_state_of_server();
    try {
      network.take_over(taken);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::precondition) << error.what();
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
    network.release(taken);
    EXPECT_EQ(difference_that_stays(before), "") << name;
    ip_batch("", std::string("link del ") + name + "\n");
  }
}

// ---- restored settings

TEST_F(HostNetworkTest, Ipv6RouteWithoutAnAddressComesBack) {
  build_datacentre();
  ip_batch("", "link set nic0 up\n"
               "address add 203.0.113.7/24 dev nic0\n"
               "route add default via 203.0.113.1 dev nic0\n");
  wait_for_addresses();
  ip_batch("", "address flush dev nic0 scope link\n"
               "route add 2001:db8:7::/64 dev nic0 metric 100\n");
  const auto before = settled_state_of_server();
  ASSERT_NE(before.find("2001:db8:7::/64"), std::string::npos);
  take_over_and_release();
  EXPECT_EQ(settled_state_of_server(), before);
}

TEST_F(HostNetworkTest, EverythingThatARouteSaysComesBack) {
  build_server();
  ip_batch("", "route add 198.18.1.0/24 via 203.0.113.1 dev nic0 advmss 1300 initcwnd 20 initrwnd 30 rto_min 300ms\n"
               "route add 198.18.2.0/24 via 203.0.113.1 dev nic0 tos 0x10 mtu lock 1300 window 40000 quickack 1\n"
               "route add 198.18.2.0/24 via 203.0.113.1 dev nic0 realms 3/7 features ecn\n"
               "route add 198.18.3.0/24 via 203.0.113.1 dev nic0 congctl reno hoplimit 9 reordering 5 ssthresh 10\n"
               "route add 198.18.4.0/24 dev nic0 scope link fastopen_no_cookie 1\n"
               "route add 2001:db8:7::/48 via 2001:db8::1 dev nic0 metric 9 advmss 1200 initcwnd 8 pref high\n"
               "nexthop add id 7 via 203.0.113.1 dev nic0\n"
               "nexthop add id 8 via 2001:db8::1 dev nic0\n"
               "route add 198.18.5.0/24 nhid 7 metric 30\n"
               "route add 2001:db8:8::/48 nhid 8 metric 30\n");
  const auto before = settled_state_of_server();
  for (const char* words : {"advmss", "initcwnd", "rto_min", "quickack", "ecn", "reno", "\"nhid\":7", "\"nhid\":8"}) {
    ASSERT_NE(before.find(words), std::string::npos) << words;
  }
  take_over_and_release();
}

TEST_F(HostNetworkTest, EncapsulationOfARouteComesBack) {
  build_server();
  if (!succeeds(
          {"ip", "route", "add", "198.18.6.0/24", "encap", "ip", "id", "7", "dst", "203.0.113.5", "dev", "nic0"})) {
    GTEST_SKIP() << "this kernel has no lightweight tunnels";
  }
  EXPECT_NE(settled_state_of_server().find("\"encap\":\"ip\""), std::string::npos);
  take_over_and_release();
}

TEST_F(HostNetworkTest, NicThatWasRenamedIsFoundAgain) {
  build_server();
  ip_batch("", "address add 203.0.113.8/24 dev nic0 label nic0:1\n");
  const auto taken = plan();
  take_over(taken);
  ip_batch("", "link set nic0 down\nlink set nic0 name wan\nlink set wan up\n");
  take_over(taken);  // as an adopted session does
  plug_guest(taken);
  configure_guest();
  const auto ssh = listen_in("guest", "0.0.0.0", 22);
  EXPECT_TRUE(reaches("customer", server_v4, 22, ssh));
  unplug_guest();
  network.release(taken);
  const auto after = network.survey("wan");
  EXPECT_EQ(after.primary_v4()->address, ip_address(server_v4));
  EXPECT_EQ(after.addresses.size(), taken.original.addresses.size());
  EXPECT_EQ(after.gateway_v4(), ip_address(router_v4));
  EXPECT_EQ(read_sysctl("net/ipv6/conf/wan/disable_ipv6"), "0");
  EXPECT_EQ(read_sysctl("net/ipv6/conf/wan/accept_dad"), "1");
  const auto host = listen_in("", "0.0.0.0", 22);
  EXPECT_TRUE(reaches("customer", server_v4, 22, host));
  Netlink netlink;
  EXPECT_FALSE(find_link(netlink, control_link));
}

TEST_F(HostNetworkTest, NicThatGoesAndComesBackGetsItsAddressesBack) {
  build_server();
  const auto taken = plan();
  take_over(taken);
  ip_batch("", "link del nic0\n");
  EXPECT_THROW(network.release(taken), Error);
  EXPECT_NE(run_program({"ip", "address", "show", "dev", control_link}).find(server_v4), std::string::npos);
  // As after a reload of the driver: the same NIC with another name and index.
  ip_batch("", std::string("link add wan address ") + server_mac +
                   " type veth peer name wire netns router\n"
                   "link set wan up\n");
  ip_batch("router",
           "link set wire up\naddress add 203.0.113.1/24 dev wire\naddress add 2001:db8::1/64 dev wire nodad\n");
  network.release(taken);
  Netlink netlink;
  EXPECT_FALSE(find_link(netlink, control_link));
  EXPECT_EQ(network.survey("wan").gateway_v4(), ip_address(router_v4));
  const auto host = listen_in("", "0.0.0.0", 22);
  EXPECT_TRUE(reaches("customer", server_v4, 22, host));
}

// ---- the host's own rules

TEST_F(HostNetworkTest, ForwardingRulesOfTheHostDoNotCutTheGuestOff) {
  build_server();
  if (!read_sysctl("net/bridge/bridge-nf-call-iptables")) GTEST_SKIP() << "this kernel has no bridge netfilter";
  for (const char* tables : {"iptables", "ip6tables"}) {
    write_sysctl(std::string("net/bridge/bridge-nf-call-") + tables, "1");
  }
  run_program({"nft", "-f", "-"},
              "table inet docker {\n chain forward {\n type filter hook forward priority 0; policy drop\n }\n}\n");
  const auto before = settled_state_of_server();
  const auto taken = plan();
  take_over(taken);
  plug_guest(taken);
  configure_guest();
  const auto ssh = listen_in("guest", "::", 22);
  EXPECT_TRUE(reaches("rescue-prb", server_v4, 22, ssh));
  EXPECT_TRUE(reaches("customer", server_v4, 22, ssh)) << "what the probe proves is what customers get";
  EXPECT_TRUE(reaches("customer", server_v6, 22, ssh));
  unplug_guest();
  network.release(taken);
  EXPECT_EQ(difference_that_stays(before), "");
  EXPECT_EQ(read_sysctl("net/bridge/bridge-nf-call-iptables"), "1");
}

}  // namespace
}  // namespace rescue::linux
