// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The takeover on the real kernel: the host that answers at the server's address before, during and after it.
#include "orchestrator/linux/network/takeover.hpp"
#include "tests/integration/network/lab.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>

namespace rescue::linux {
namespace {

using namespace lab;  // NOLINT: the data centre is what these tests speak of

class Takeover : public NetworkLab {};

TEST_F(Takeover, GuestIsReachedAtTheServersAddressAndHostOnItsPorts) {
  build_server();
  const auto taken = plan();
  const auto before = settled_state_of_server();
  take_over(taken);
  plug_guest(taken);
  configure_guest();

  const auto ssh_of_guest = listen_in("guest", "0.0.0.0", 22);
  const auto ssh_of_host = listen_in("", "0.0.0.0", 22);
  const auto maintenance = listen_in("", "0.0.0.0", 21248);
  EXPECT_TRUE(reaches("customer", server_v4, 22, ssh_of_guest));
  EXPECT_TRUE(reaches("customer", server_v4, 21248, maintenance));
  const auto control_plane = listen_in("customer", "0.0.0.0", 443);
  EXPECT_TRUE(reaches("", customer_v4, 443, control_plane)) << "the host's own connection";
  EXPECT_TRUE(reaches("guest", customer_v4, 443, control_plane)) << "the guest's own connection";
  EXPECT_NE(run_program({"ip", "-n", "router", "neigh", "show", server_v4}).find(server_mac), std::string::npos);
  EXPECT_TRUE(reaches("rescue-prb", server_v4, 22, ssh_of_guest));

  unplug_guest();
  network.release(taken);
  EXPECT_EQ(difference_that_stays(before), "");
  EXPECT_TRUE(reaches("customer", server_v4, 22, ssh_of_host));
}

TEST_F(Takeover, ConnectionsOfTheHostLiveThroughBothSwitches) {
  build_server();
  const auto ssh = listen_in("", "0.0.0.0", 22);
  const auto operator_end = connect_from("customer", server_v4, 22);
  const auto host_end = accept_from(ssh);
  const auto ssh6 = listen_in("", "::", 2222);
  const auto operator_end6 = connect_from("customer", server_v6, 2222);
  const auto host_end6 = accept_from(ssh6);
  const auto mapped_end = connect_from("customer", server_v4, 2222);
  const auto host_mapped_end = accept_from(ssh6);

  const auto taken = plan();
  take_over(taken);
  plug_guest(taken);
  configure_guest();
  EXPECT_TRUE(carries(operator_end, host_end));
  EXPECT_TRUE(carries(operator_end6, host_end6));
  EXPECT_TRUE(carries(mapped_end, host_mapped_end)) << "IPv4 over an IPv6 socket";
  network.release(taken);
  EXPECT_TRUE(carries(operator_end, host_end));
  EXPECT_TRUE(carries(operator_end6, host_end6));
  EXPECT_TRUE(carries(mapped_end, host_mapped_end));
}

TEST_F(Takeover, HostIsReachedWhileTheGuestIsDownAndNobodyKnowsItsMac) {
  build_server();
  const auto taken = plan();
  take_over(taken);
  run_program({"ip", "-n", "router", "neigh", "flush", "all"});
  const auto control_plane = listen_in("customer", "0.0.0.0", 443);
  EXPECT_TRUE(reaches("", customer_v4, 443, control_plane));
  const auto control_plane6 = listen_in("customer", customer_v6, 443);
  EXPECT_TRUE(reaches("", customer_v6, 443, control_plane6));
  const auto maintenance = listen_in("", "::", 21300);
  run_program({"ip", "-n", "router", "neigh", "flush", "all"});
  EXPECT_TRUE(reaches("customer", server_v4, 21300, maintenance));
  EXPECT_TRUE(reaches("customer", server_v6, 21300, maintenance));
  network.release(taken);
}

TEST_F(Takeover, Ipv6GoesToTheGuestWithNeighbourDiscovery) {
  build_server();
  const auto taken = plan();
  take_over(taken);
  plug_guest(taken);
  configure_guest();
  const auto ssh = listen_in("guest", "::", 22);
  EXPECT_TRUE(reaches("customer", server_v6, 22, ssh));
  EXPECT_NE(run_program({"ip", "-n", "router", "-6", "neigh", "show", server_v6}).find(server_mac), std::string::npos);
  // A temporary address of Windows, from the server's own prefix.
  ip_batch("guest", "address add 2001:db8::aaaa/64 dev eth0 nodad\n");
  EXPECT_TRUE(reaches("customer", "2001:db8::aaaa", 22, ssh));
  network.release(taken);
}

TEST_F(Takeover, GatewayOutsideOfTheAddressesPrefixWorks) {
  build_server_with_on_link_gateway();
  const auto taken = plan();
  const auto before = settled_state_of_server();
  take_over(taken);
  plug_guest(taken);
  configure_guest_with_on_link_gateway();
  const auto ssh = listen_in("guest", "0.0.0.0", 22);
  const auto control_plane = listen_in("customer", "0.0.0.0", 443);
  EXPECT_TRUE(reaches("customer", server_v4, 22, ssh));
  EXPECT_TRUE(reaches("", customer_v4, 443, control_plane));
  EXPECT_TRUE(reaches("rescue-prb", server_v4, 22, ssh));
  unplug_guest();
  network.release(taken);
  EXPECT_EQ(difference_that_stays(before), "");
}

TEST_F(Takeover, TwoAddressesAreBothTheGuestsAndBothTheHostsOnItsPorts) {
  build_server();
  ip_batch("", "address add 203.0.113.8/24 dev nic0 label nic0:1\naddress add 2001:db8::8/64 dev nic0 nodad\n");
  const auto taken = plan();
  const auto before = settled_state_of_server();
  take_over(taken);
  plug_guest(taken);
  configure_guest();
  ip_batch("guest", "address add 203.0.113.8/24 dev eth0\n");
  const auto ssh = listen_in("guest", "0.0.0.0", 22);
  const auto maintenance = listen_in("", "::", 21248);
  for (const char* address : {server_v4, second_v4}) {
    EXPECT_TRUE(reaches("customer", address, 22, ssh)) << address;
    EXPECT_TRUE(reaches("rescue-prb", address, 22, ssh)) << address;
    EXPECT_TRUE(reaches("customer", address, 21248, maintenance)) << address;
  }
  EXPECT_TRUE(reaches("customer", "2001:db8::8", 21248, maintenance));
  unplug_guest();
  network.release(taken);
  EXPECT_EQ(difference_that_stays(before), "");
}

TEST_F(Takeover, SwitchTakesMilliseconds) {
  build_server();
  const auto taken = plan();
  double best_switch = 1e9;
  for (int round = 1; round <= 3; ++round) {
    Netlink netlink;
    LocalDhcp dhcp(runtime_directory);
    const auto start = std::chrono::steady_clock::now();
    auto last = start;
    std::string parts;
    std::chrono::duration<double, std::milli> switching{};
    for (const auto& step : takeover_steps(netlink, dhcp, taken)) {
      step.apply();
      const auto now = std::chrono::steady_clock::now();
      const std::chrono::duration<double, std::milli> spent = now - last;
      parts += fmt::format("  {} {:.1f}", step.name, spent.count());
      if (parts.find("control-addresses") != std::string::npos) switching += spent;
      last = now;
    }
    const std::chrono::duration<double, std::milli> total = last - start;
    network.release(taken);
    const std::chrono::duration<double, std::milli> back = std::chrono::steady_clock::now() - last;
    std::cout << fmt::format("[ measured ] takeover {:.1f} ms, of these the switch {:.1f} ms; release {:.1f} ms\n{}\n",
                             total.count(), switching.count(), back.count(), parts);
    best_switch = std::min(best_switch, switching.count());
  }
  EXPECT_LT(best_switch, 30.0) << "measured on a busy machine: under 1 ms";
}

}  // namespace
}  // namespace rescue::linux
