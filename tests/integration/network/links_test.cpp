// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Kinds of NICs of a server: a bond, a VLAN, one with large frames, with rules, with an odd name. If this kernel has no
// bonds or VLANs, tests/in-guest/links.sh runs these tests under one that has them.
#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "tests/integration/network/dhcp_client.hpp"
#include "tests/integration/network/lab.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <functional>

namespace rescue::linux {
namespace {

using namespace lab;  // NOLINT: the data centre is what these tests speak of

constexpr const char* inner_server = "10.9.9.7";
constexpr const char* inner_router = "10.9.9.1";

void ip(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ip");
  run_program(arguments);
}

bool kernel_has(const std::string& kind) {
  Command command;
  command.argv = {"ip", "link", "add", "trial", "type", kind};
  if (kind == "vlan") command.argv = {"ip", "link", "add", "link", "nic0", "name", "trial", "type", "vlan", "id", "9"};
  if (run(command).status != 0) return false;
  ip({"link", "del", "trial"});
  return true;
}

sockaddr_in v4_address(const std::string& address, unsigned port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(static_cast<uint16_t>(port));
  ::inet_pton(AF_INET, address.c_str(), &made.sin_addr);
  return made;
}

FileDescriptor datagrams_in(const std::string& space, const std::string& address, unsigned port) {
  FileDescriptor socket;
  inside(space, [&] {
    socket = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto own = v4_address(address, port);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0) << address;
  });
  return socket;
}

/// True when a datagram of `from` arrives at `to` within two seconds.
bool arrives(const FileDescriptor& from, const FileDescriptor& to, const std::string& address, unsigned port) {
  const auto there = v4_address(address, port);
  EXPECT_EQ(::sendto(from.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&there), sizeof there), 1);
  pollfd wait{to.get(), POLLIN, 0};
  char byte = 0;
  return ::poll(&wait, 1, 2000) > 0 && ::read(to.get(), &byte, 1) == 1;
}

class Links : public NetworkLab {
protected:
  void SetUp() override {
    NetworkLab::SetUp();
    if (IsSkipped()) return;
    build_datacentre();
    ip_batch("", "link set nic0 up\n");
  }

  /// A second cable between server and router: nic1 and wire1.
  static void add_cable() {
    ip_batch("", "link add nic1 type veth peer name wire1 netns router\n");
    ip_batch("router", "link set wire1 up\n");
  }

  /// Two cables to a plain switch; the router's part of it is called `switch`.
  static void add_switch() {
    add_cable();
    ip_batch("router", "link set wire down\naddress flush dev wire\nlink set wire name wire0\n"
                       "link add switch type bridge forward_delay 0\nlink set wire0 master switch\n"
                       "link set wire1 master switch\nlink set wire0 up\nlink set switch up\n");
  }

  /// The server's bond0, of nic0 and nic1.
  static void add_bond(const std::string& options) {
    ip_batch("", fmt::format("link add bond0 address {} type bond miimon 50 {}\n"
                             "link set nic0 down\nlink set nic0 master bond0\nlink set nic1 master bond0\n"
                             "link set bond0 up\n",
                             server_mac, options));
  }

  /// Bonds at both ends that have found each other by LACP; the router's is called `far`.
  static void add_aggregate(const std::string& far) {
    constexpr const char* options = "mode 802.3ad lacp_rate fast xmit_hash_policy layer3+4";
    add_cable();
    ip_batch("router", fmt::format("address flush dev wire\nlink set wire down\nlink set wire name wire0\n"
                                   "link set wire1 down\n"
                                   "link add {0} address 0a:00:00:00:00:99 type bond miimon 50 {1}\n"
                                   "link set wire0 master {0}\nlink set wire1 master {0}\nlink set {0} up\n",
                                   far, options));
    add_bond(options);
    wait_for_aggregate();
  }

  /// Both links of bond0 in one aggregate, on which both ends agree.
  static void wait_for_aggregate() {
    wait_for_link("bond0", "ad_num_ports 2");
    wait_for_link("bond0", "ad_partner_mac 0a:00:00:00:00:99");
    for (const char* nic : {"nic0", "nic1"}) {
      for (const char* end : {"actor", "partner"}) wait_for_link(nic, fmt::format("ad_{}_oper_port_state 63", end));
    }
  }

  static void add_vlan(const std::string& space, const std::string& below, int number, const std::string& name) {
    ip_batch(space, fmt::format("link add link {0} name {1} type vlan id {2}\nlink set {1} up\n", below, name, number));
  }

  /// The usual addresses and routes, here and at the router's end.
  static void give_addresses(const std::string& nic, const std::string& far) {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"address", "add", "203.0.113.7/24", "brd", "+", "dev", nic},
             {"address", "add", "2001:db8::7/64", "dev", nic, "nodad"},
             {"route", "add", "default", "via", router_v4, "dev", nic, "src", server_v4, "metric", "100"},
             {"route", "add", "default", "via", router_v6, "dev", nic, "metric", "512"},
             {"-n", "router", "address", "replace", "203.0.113.1/24", "dev", far},
             {"-n", "router", "address", "replace", "2001:db8::1/64", "dev", far, "nodad"}}) {
      ip(words);
    }
    wait_for_addresses(nic);
  }

  /// A network of the host's own beside the one that the guest gets.
  static void give_inner_addresses(const std::string& nic, const std::string& far) {
    ip_batch("", fmt::format("address add {}/24 dev {}\n", inner_server, nic));
    ip_batch("router", fmt::format("address add {}/24 dev {}\n", inner_router, far));
  }

  static void expect_inner_network() {
    const auto at_router = listen_in("router", inner_router, 443);
    const auto at_server = listen_in("", inner_server, 22);
    EXPECT_TRUE(reaches("", inner_router, 443, at_router));
    EXPECT_TRUE(reaches("router", inner_server, 22, at_server));
  }

  /// Expects that all connections succeed, in both families.
  static void expect_session() {
    const auto ssh = listen_in("guest", "::", 22);
    const auto maintenance = listen_in("", "::", 21248);
    const auto control_plane = listen_in("customer", "::", 443);
    for (const auto& [server, customer] : {std::pair{server_v4, customer_v4}, std::pair{server_v6, customer_v6}}) {
      EXPECT_TRUE(reaches("guest", customer, 443, control_plane)) << customer;
      EXPECT_TRUE(reaches("customer", server, 22, ssh)) << server;
      EXPECT_TRUE(reaches("customer", server, 21248, maintenance)) << server;
      EXPECT_TRUE(reaches("", customer, 443, control_plane)) << "the host to " << customer;
    }
    EXPECT_TRUE(reaches("rescue-prb", server_v4, 22, ssh));
    EXPECT_NE(run_program({"ip", "-n", "router", "neigh", "show", server_v4}).find(server_mac), std::string::npos);
  }

  /// Runs a session on the server's only uplink, calls `during` in it, and expects the same state afterwards.
  void expect_session_and_return(
      const std::string& nic, const std::function<void(const domain::TakeoverPlan&)>& during = [](const auto&) {}) {
    const auto before = settled_state_of_server();
    const auto taken = plan();
    ASSERT_EQ(taken.original.nic, nic);
    ASSERT_EQ(taken.original.mac.text(), server_mac);
    take_over(taken);
    if (HasFatalFailure()) return;
    plug_guest(taken);
    ip_batch("guest", fmt::format("link set eth0 mtu {}\n", taken.original.mtu));
    configure_guest();
    expect_session();
    during(taken);
    unplug_guest();
    network.release(taken);
    EXPECT_EQ(difference_that_stays(before), "");
    const auto host = listen_in("", "::", 22);
    for (const char* address : {server_v4, server_v6}) EXPECT_TRUE(reaches("customer", address, 22, host)) << address;
  }
};

TEST_F(Links, SecondNicGoesOn) {
  add_cable();
  ip_batch("", "link set nic1 up\n");
  give_inner_addresses("nic1", "wire1");
  wait_for_addresses("nic1");
  give_addresses("nic0", "wire");
  expect_session_and_return("nic0", [](const auto&) { expect_inner_network(); });
}

// ---- bonds

class Bonds : public Links {
protected:
  void SetUp() override {
    Links::SetUp();
    if (!IsSkipped() && !kernel_has("bond")) GTEST_SKIP() << "this kernel has no bonds";
  }
};

TEST_F(Bonds, ActiveBackupBondIsTakenOverAndFailsOverInMidSession) {
  add_switch();
  add_bond("mode active-backup primary nic0");
  wait_for_link("bond0", "active_slave nic0");
  give_addresses("bond0", "switch");
  expect_session_and_return("bond0", [](const auto&) {
    ip_batch("router", "link set wire0 down\n");
    wait_for_link("bond0", "active_slave nic1");
    expect_session();
    ip_batch("router", "link set wire0 up\n");
    wait_for_link("bond0", "active_slave nic0");
    expect_session();
  });
}

TEST_F(Bonds, BalancingBondIsTakenOver) {
  add_switch();
  add_bond("mode balance-alb");
  wait_for_link("bond0", "active_slave nic0");
  give_addresses("bond0", "switch");
  expect_session_and_return("bond0");
}

TEST_F(Bonds, AggregateIsTakenOverAndStaysOneWhenALinkIsLost) {
  add_aggregate("trunk");
  give_addresses("bond0", "trunk");
  expect_session_and_return("bond0", [](const auto&) {
    wait_for_aggregate();
    ip_batch("router", "link set wire1 down\n");
    wait_for_link("bond0", "ad_num_ports 1");
    expect_session();
    ip_batch("router", "link set wire1 up\n");
    wait_for_aggregate();
    expect_session();
  });
  wait_for_aggregate();
}

TEST_F(Bonds, PortOfABondIsRefusedByTheBondsName) {
  add_cable();
  add_bond("mode active-backup");
  give_addresses("bond0", "wire");
  expect_refusal("nic0", "nic0 is a port of bond0 (bond)");
  expect_refusal("nic1", "nic1 is a port of bond0 (bond)");
}

// ---- VLANs

class Vlans : public Links {
protected:
  void SetUp() override {
    Links::SetUp();
    if (!IsSkipped() && !kernel_has("vlan")) GTEST_SKIP() << "this kernel has no VLANs";
  }
};

TEST_F(Vlans, VlanIsTakenOverAndTheNetworkBelowItIsTheHosts) {
  ip_batch("router", "address flush dev wire\n");
  add_vlan("", "nic0", 100, "nic0.100");
  add_vlan("router", "wire", 100, "wire.100");
  give_inner_addresses("nic0", "wire");
  give_addresses("nic0.100", "wire.100");
  expect_session_and_return("nic0.100", [](const auto&) { expect_inner_network(); });
}

TEST_F(Vlans, VlanOfTheHostsOwnGoesOnAboveTheNic) {
  add_vlan("", "nic0", 200, "inner");
  add_vlan("router", "wire", 200, "inner");
  give_inner_addresses("inner", "inner");
  give_addresses("nic0", "wire");
  const auto client = datagrams_in("", inner_server, 68);
  const auto server = datagrams_in("router", inner_router, 67);
  expect_session_and_return("nic0", [&](const domain::TakeoverPlan& taken) {
    expect_inner_network();
    ASSERT_EQ(taken.addressing, domain::GuestAddressing::local_dhcp);
    EXPECT_TRUE(arrives(server, client, inner_server, 68)) << "the answers of a DHCP server there are the host's";
  });
}

TEST_F(Vlans, VlanOnAnAggregateIsTakenOver) {
  if (!kernel_has("bond")) GTEST_SKIP() << "this kernel has no bonds";
  add_aggregate("trunk");
  add_vlan("", "bond0", 4094, "bond0.4094");
  add_vlan("router", "trunk", 4094, "trunk.4094");
  give_inner_addresses("bond0", "trunk");
  give_addresses("bond0.4094", "trunk.4094");
  expect_session_and_return("bond0.4094", [](const auto&) {
    expect_inner_network();
    wait_for_aggregate();
  });
}

// ---- large frames

/// Pings without fragmentation.
bool pings(const std::string& space, const std::string& address, int size) {
  bool answered = false;
  inside(space, [&] {
    Command command;
    command.argv = {"ping", "-q", "-c", "2", "-i", "0.2", "-W", "2", "-M", "do", "-s", std::to_string(size), address};
    answered = run(command).status == 0;
  });
  return answered;
}

TEST_F(Links, FramesOf9000BytesPassBothWays) {
  ip_batch("", "link set nic0 mtu 9000\n");
  ip_batch("router", "link set wire mtu 9000\nlink set lan mtu 9000\n");
  ip_batch("customer", "link set eth0 mtu 9000\n");
  give_addresses("nic0", "wire");
  expect_session_and_return("nic0", [&](const domain::TakeoverPlan& taken) {
    EXPECT_EQ(taken.original.mtu, 9000U);
    EXPECT_TRUE(pings("customer", server_v4, 9000 - 28));
    EXPECT_TRUE(pings("guest", customer_v4, 9000 - 28));
    EXPECT_TRUE(pings("guest", customer_v6, 9000 - 48));
    EXPECT_FALSE(pings("guest", customer_v4, 9000 - 27));
    const auto lease = DhcpClient("guest", "eth0", server_mac).lease();
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->options.at(26), std::string("\x23\x28", 2)) << "the MTU, 9000";
    // The host's own frames: the size that both ends of a connection have agreed on, less each segment's timestamps.
    const auto control_plane = listen_in("customer", "0.0.0.0", 443);
    const auto connection = connect_from("", customer_v4, 443);
    int segment = 0;
    socklen_t size = sizeof segment;
    ASSERT_EQ(::getsockopt(connection.get(), IPPROTO_TCP, TCP_MAXSEG, &segment, &size), 0);
    EXPECT_EQ(segment, 9000 - 40 - 12);
  });
}

// ---- rules

TEST_F(Links, RulesAndTheirTablesLeadTheHostThroughASession) {
  give_addresses("nic0", "wire");
  // No host has the address of the main table's gateway: only rules lead to the router.
  ip_batch(
      "",
      "route del default dev nic0 metric 100\nroute add default via 203.0.113.254 dev nic0\n"
      "route add default via 203.0.113.1 dev nic0 table 1000\nroute add default via 2001:db8::1 dev nic0 table 1000\n"
      "route add 198.18.0.0/15 via 203.0.113.1 dev nic0 table 1000 mtu 1400\n"
      "route add prohibit default table 1000 metric 4000\nroute add blackhole 198.20.0.0/16 table 1000\n"
      "route add 203.0.113.0/24 dev nic0 scope link table 7\n"
      "rule add to 198.51.100.0/24 lookup 1000 priority 100\nrule add from 203.0.113.7 lookup 1000 priority 110\n"
      "rule add fwmark 0x7/0xff lookup 7 priority 120\nrule add iif nic0 lookup 1000 priority 130\n"
      "rule add from all lookup main suppress_prefixlength 0 priority 140\n"
      "rule add to 198.19.0.0/16 unreachable priority 150\n");
  ip({"-6", "rule", "add", "from", server_v6, "lookup", "1000", "priority", "110"});
  expect_session_and_return("nic0");
}

// ---- names

class NicNames : public Links, public ::testing::WithParamInterface<const char*> {
protected:
  void SetUp() override {
    Links::SetUp();
    if (IsSkipped()) return;
    ip({"link", "set", "nic0", "down"});
    ip({"link", "set", "nic0", "name", GetParam()});
    ip({"link", "set", GetParam(), "up"});
    give_addresses(GetParam(), "wire");
  }
};

class OddNames : public NicNames {};

TEST_P(OddNames, AreNamesLikeOthers) {
  EXPECT_EQ(network.survey(GetParam()).nic, GetParam());
  expect_session_and_return(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Nic, OddNames,
                         ::testing::Values("enp193s0f1np1d5", "eth0.5", "netz\xc3\xbc", "-a\"b'$(c);*\\", "1", "auto"));

class NamesOfOtherMeaning : public NicNames {};

TEST_P(NamesOfOtherMeaning, AreRefused) {
  expect_refusal("auto", "can't be taken over by its name");
  expect_refusal(GetParam(), "can't be taken over by its name");
}

INSTANTIATE_TEST_SUITE_P(Nic, NamesOfOtherMeaning, ::testing::Values("@lan", "*", "eth*", "\xff\xfe"));

}  // namespace
}  // namespace rescue::linux
