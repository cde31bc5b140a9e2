// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Kills at any point: a program without memory of the takeover completes or undoes it.
#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/linux/network/links.hpp"
#include "orchestrator/linux/network/namespace.hpp"
#include "orchestrator/linux/network/offloads.hpp"
#include "orchestrator/linux/network/takeover.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"
#include "tests/integration/network/lab.hpp"

#include <csignal>
#include <cstdlib>

namespace rescue::linux {
namespace {

using namespace lab;  // NOLINT: the data centre is what these tests speak of

class Restart : public NetworkLab {
protected:
  /// Does the first `count` steps, as if the program were killed then.
  static void take_over_partly(const domain::TakeoverPlan& plan, std::size_t count) {
    Netlink netlink;
    LocalDhcp dhcp(runtime_directory);
    const auto steps = takeover_steps(netlink, dhcp, plan);
    for (std::size_t step = 0; step < count; ++step) steps.at(step).apply();
  }
  /// Does the steps up to and including the one with that name.
  static void take_over_until(const domain::TakeoverPlan& plan, const std::string& name) {
    Netlink netlink;
    LocalDhcp dhcp(runtime_directory);
    for (const auto& step : takeover_steps(netlink, dhcp, plan)) {
      step.apply();
      if (step.name == name) return;
    }
    FAIL() << "there is no step " << name;
  }
  static std::size_t count_of_steps(const domain::TakeoverPlan& plan) {
    Netlink netlink;
    LocalDhcp dhcp(runtime_directory);
    return takeover_steps(netlink, dhcp, plan).size();
  }
};

TEST_F(Restart, ReleaseAfterAnyStepGivesTheOriginalState) {
  build_server();
  ip_batch("", "address add 203.0.113.8/24 dev nic0\naddress add 203.0.113.9/32 dev nic0\n");
  const auto taken = plan();
  const auto before = settled_state_of_server();
  for (std::size_t count = 0; count <= count_of_steps(taken); ++count) {
    take_over_partly(taken, count);
    network.release(taken);
    EXPECT_EQ(difference_that_stays(before), "") << "killed after " << count << " steps";
  }
}

TEST_F(Restart, ReleaseInTheMiddleOfAddressesAndRoutesGivesTheOriginalState) {
  build_server();
  ip_batch("", "address add 203.0.113.8/24 dev nic0\n");
  const auto taken = plan();
  const auto before = settled_state_of_server();
  for (const char* loss : {"address del 203.0.113.7/24 dev nic0\n", "address del 203.0.113.8/24 dev nic0\n",
                           "address del 2001:db8::7/64 dev nic0\n", "route del default dev nic0 metric 1024\n",
                           "route del default via 2001:db8::1 dev nic0\n"}) {
    take_over_until(taken, "control-addresses");
    ip_batch("", loss);
    network.release(taken);
    EXPECT_EQ(difference_that_stays(before), "") << loss;
  }
}

TEST_F(Restart, AddressesAreUsableAtOnceAfterRelease) {
  build_server();
  ip_batch("", "address add 2001:db8::8/64 dev nic0 nodad\n");
  set_setting("", "ipv6/conf/nic0/dad_transmits", "3");
  const auto before = settled_state_of_server();
  const auto taken = plan();
  take_over(taken);
  network.release(taken);
  EXPECT_EQ(difference_that_stays(before), "") << "no address may wait for three unanswered questions";
}

TEST_F(Restart, LinkLocalAddressOfTheKernelsOwnMakingComesBack) {
  build_server();
  // Stable privacy (RFC 7217): only the kernel may mark an address so.
  set_setting("", "ipv6/conf/nic0/stable_secret", "2001:db8::1234");
  ip_batch("", "link set nic0 down\nlink set nic0 up\naddress add 2001:db8::7/64 dev nic0 nodad\n"
               "route add default via 203.0.113.1 dev nic0\n");
  wait_for_addresses();
  const auto before = settled_state_of_server();
  EXPECT_NE(before.find("stable-privacy"), std::string::npos) << before;
  const auto taken = plan();
  take_over(taken);
  network.release(taken);
  EXPECT_EQ(difference_that_stays(before), "");
}

TEST_F(Restart, TakeoverAgainCompletesWhatWasBegun) {
  build_server();
  const auto taken = plan();
  for (std::size_t count = 0; count <= count_of_steps(taken); ++count) {
    take_over_partly(taken, count);
    take_over(taken);
    plug_guest(taken);
    configure_guest();
    const auto ssh = listen_in("guest", "0.0.0.0", 22);
    const auto control_plane = listen_in("customer", "0.0.0.0", 443);
    EXPECT_TRUE(reaches("customer", server_v4, 22, ssh)) << count;
    EXPECT_TRUE(reaches("", customer_v4, 443, control_plane)) << count;
    EXPECT_TRUE(reaches("rescue-prb", server_v4, 22, ssh)) << count;
    unplug_guest();
    network.release(taken);
  }
}

TEST_F(Restart, TakeoverAgainChangesNothingAndKeepsConnections) {
  build_server();
  const auto ssh = listen_in("", "0.0.0.0", 22);
  const auto operator_end = connect_from("customer", server_v4, 22);
  const auto host_end = accept_from(ssh);
  const auto taken = plan();
  take_over(taken);
  plug_guest(taken);
  wait_for_link(taken.tap, "state UP");
  const auto once = settled_state_of_server();
  const auto dhcp = LocalDhcp(runtime_directory).running();
  take_over(taken);
  EXPECT_EQ(difference_that_stays(once), "");
  EXPECT_EQ(LocalDhcp(runtime_directory).running(), dhcp) << "the DHCP server needs no restart";
  EXPECT_TRUE(carries(operator_end, host_end));
  unplug_guest();
  network.release(taken);
  const auto back = settled_state_of_server();
  network.release(taken);
  EXPECT_EQ(difference_that_stays(back), "");
  EXPECT_TRUE(carries(operator_end, host_end));
}

TEST_F(Restart, AdoptionBringsBackWhatWasLost) {
  build_server();
  const auto taken = plan();
  take_over(taken);
  wait_for_link(taken.tap, "NO-CARRIER");
  const auto complete = settled_state_of_server();
  run_program({"bridge", "fdb", "del", server_mac, "dev", guest_link, "master"});
  run_program({"ethtool", "-K", guest_port, "tx", "on", "sg", "on", "tso", "on", "gro", "on"});
  run_program({"ip", "-n", "rescue-prb", "neigh", "flush", "nud", "all"});
  run_program({"nft", "delete", "table", "netdev", nft_table});
  const auto dhcp = LocalDhcp(runtime_directory).running();
  ASSERT_TRUE(dhcp);
  ::kill(*dhcp, SIGKILL);
  while (LocalDhcp(runtime_directory).running()) std::this_thread::yield();
  take_over(taken);
  EXPECT_EQ(difference_that_stays(complete), "");
  EXPECT_EQ(active_offloads(guest_port), std::vector<std::string>());
  EXPECT_TRUE(LocalDhcp(runtime_directory).running());
  plug_guest(taken);
  configure_guest();
  const auto ssh = listen_in("guest", "0.0.0.0", 22);
  EXPECT_TRUE(reaches("rescue-prb", server_v4, 22, ssh));
  unplug_guest();
  network.release(taken);
}

TEST_F(Restart, ProbeNamespaceThatLostItsNameIsMadeAnew) {
  build_server();
  const auto taken = plan();
  take_over(taken);
  remove_namespace(probe_namespace);  // dnsmasq keeps the nameless one alive
  take_over(taken);
  plug_guest(taken);
  configure_guest();
  const auto ssh = listen_in("guest", "0.0.0.0", 22);
  EXPECT_TRUE(reaches("rescue-prb", server_v4, 22, ssh));
  unplug_guest();
  network.release(taken);
}

TEST_F(Restart, FailureAfterTheSwitchPutsAllBackAndSaysWhere) {
  build_server();
  const auto taken = plan();
  // A link on top of the NIC keeps it from becoming a port of the bridge. It came after the survey.
  Command command;
  command.argv = {"ip", "link", "add", "above", "link", "nic0", "type", "macvlan"};
  if (run(command).status != 0) GTEST_SKIP() << "this kernel has no macvlan";
  const auto before = settled_state_of_server();
  try {
    network.take_over(taken);
    FAIL() << "it took over";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::network);
    EXPECT_NE(std::string(error.what()).find("'join'; the network is as before"), std::string::npos) << error.what();
    EXPECT_NE(error.hint().find("macvlan"), std::string::npos) << error.hint();
  }
  EXPECT_EQ(difference_that_stays(before), "");
}

TEST_F(Restart, FailureBeforeTheSwitchPutsAllBackAndSaysWhatToInstall) {
  build_server();
  const auto before = settled_state_of_server();
  const auto taken = plan();
  const char* path_before = ::getenv("PATH");
  ASSERT_NE(path_before, nullptr);
  const std::string path = path_before;
  run_program({"mkdir", "/run/bin"});
  run_program({"ln", "-s", "/usr/sbin/nft", "/run/bin/nft"});
  ::setenv("PATH", "/run/bin", 1);
  try {
    network.take_over(taken);
    ADD_FAILURE() << "it took over";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'guest-addressing'; the network is as before"), std::string::npos)
        << error.what();
    EXPECT_NE(error.hint().find("dnsmasq"), std::string::npos) << error.hint();
  }
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(difference_that_stays(before), "");
}

TEST_F(Restart, WhatCannotWorkIsRefusedBeforeAnythingChanges) {
  build_server();
  const auto good = plan();
  const auto before = settled_state_of_server();
  const auto refused = [&](const std::function<void(domain::TakeoverPlan&)>& spoil) {
    auto bad = good;
    spoil(bad);
    try {
      network.take_over(bad);
      ADD_FAILURE() << "it took over";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::precondition) << error.what();
    }
  };
  refused([](auto& plan) { plan.probe_address = ip_address("fe80::1"); });
  refused([](auto& plan) { plan.probe_mac = net::Mac::parse("01:00:5e:00:00:01"); });
  refused([](auto& plan) { plan.bridge_mac = net::Mac(); });
  refused([](auto& plan) { plan.control_ports = {20481, 21504}; });
  refused([](auto& plan) { plan.original.mac = net::Mac::parse("52:54:00:00:00:01"); });
  refused([](auto& plan) { plan.tap = "a-name-longer-than-fifteen"; });
  refused([](auto& plan) { plan.tap = "nic0"; });
  refused([](auto& plan) { plan.bridge = "lo"; });
  EXPECT_EQ(difference_that_stays(before), "");
}

TEST_F(Restart, ReleaseGoesOnPastErrorsAndNamesThem) {
  build_server();
  const auto taken = plan();
  take_over(taken);
  run_program({"ip", "link", "del", "nic0"});
  try {
    network.release(taken);
    FAIL() << "a NIC that is gone can't be as before";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::network);
    EXPECT_NE(std::string(error.what()).find("nic0"), std::string::npos) << error.what();
  }
  Netlink netlink;
  for (const auto& name : {taken.tap, taken.bridge, std::string(guest_link), std::string(probe_port)}) {
    EXPECT_FALSE(find_link(netlink, name)) << name;
  }
  EXPECT_NE(run_program({"ip", "address", "show", "dev", control_link}).find(server_v4), std::string::npos)
      << "the host keeps its address";
  EXPECT_FALSE(namespace_exists(probe_namespace));
  EXPECT_FALSE(LocalDhcp(runtime_directory).running());
}

TEST_F(Restart, PidFileOfAnotherProcessIsNotOurs) {
  build_server();
  run_program({"mkdir", "-p", runtime_directory});
  run_program({"sh", "-c", "echo $PPID > /run/rescue/local-dhcp.pid"});
  LocalDhcp dhcp(runtime_directory);
  EXPECT_FALSE(dhcp.running());
  dhcp.stop();  // would end this test
}

}  // namespace
}  // namespace rescue::linux
