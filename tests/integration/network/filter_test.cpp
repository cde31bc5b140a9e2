// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Frames that the guest may not send, receivers of frames from the wire, and frames that never leave.
#include "tests/integration/network/filter_lab.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace rescue::linux {
namespace {

using namespace lab;  // NOLINT: the data centre is what these tests speak of

class Filter : public FilterLab {};

TEST_F(Filter, GuestSendsAsTheServerOnly) {
  build_server();
  take_over_with_guest();
  EXPECT_TRUE(v4_leaves(server_v4, over_udp, udp(4000, 53)));
  EXPECT_FALSE(v4_leaves("203.0.113.99", over_udp, udp(4000, 53))) << "a neighbour's address";
  EXPECT_FALSE(leaves(ethernet(broadcast, foreign_mac, type_ip, ipv4(server_v4, customer_v4, over_udp, udp(4000, 53)))))
      << "another MAC";
  EXPECT_FALSE(
      leaves(ethernet(broadcast, server_mac, type_vlan,
                      std::string("\x00\x05\x08\x00", 4) + ipv4("203.0.113.99", customer_v4, over_udp, udp(4000, 53)))))
      << "into a VLAN";
  EXPECT_TRUE(leaves(ethernet(broadcast, server_mac, type_arp, arp(server_mac, server_v4, server_v4))));
  EXPECT_FALSE(leaves(ethernet(broadcast, server_mac, type_arp, arp(server_mac, router_v4, router_v4))))
      << "as the gateway";
  EXPECT_FALSE(leaves(ethernet(broadcast, server_mac, type_arp, arp(foreign_mac, server_v4, server_v4))));
}

TEST_F(Filter, GuestSendsIpv6FromItsPrefixesOnly) {
  build_server();
  take_over_with_guest();
  EXPECT_TRUE(v6_leaves(server_v6, over_udp, udp(4000, 53)));
  EXPECT_TRUE(v6_leaves("2001:db8::dead:beef", over_udp, udp(4000, 53))) << "a temporary address";
  EXPECT_TRUE(v6_leaves("fe80::1234", over_udp, udp(4000, 53)));
  EXPECT_FALSE(v6_leaves("2001:db8:1::7", over_udp, udp(4000, 53))) << "another prefix";
  EXPECT_FALSE(v6_leaves(router_v6, over_udp, udp(4000, 53))) << "as the gateway, though of the same prefix";
  const auto advertises = [&](const char* target) {
    return v6_leaves(server_v6, over_icmp6, icmp(136, 0, raw(target) + marker));
  };
  EXPECT_TRUE(advertises(server_v6));
  EXPECT_TRUE(advertises("fe80::1234"));
  EXPECT_FALSE(advertises(router_v6));
  EXPECT_FALSE(advertises("2001:db8:1::7"));
  EXPECT_FALSE(v6_leaves("fe80::1234", over_icmp6, icmp(134, 0, marker))) << "a router advertisement";
  EXPECT_FALSE(v6_leaves("fe80::1234", over_icmp6, icmp(137, 0, marker))) << "a redirect";
}

TEST_F(Filter, GuestSpeaksNeitherAsTheHostNorAsADhcpServer) {
  build_server();
  const auto ssh = listen_in("", "0.0.0.0", 2222);
  const auto operator_end = connect_from("customer", server_v4, 2222);
  const auto host_end = accept_from(ssh);
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  ASSERT_EQ(::getpeername(host_end.get(), reinterpret_cast<sockaddr*>(&peer), &size), 0);
  take_over_with_guest();
  EXPECT_FALSE(v4_leaves(server_v4, over_tcp, tcp(20480, 443)));
  EXPECT_FALSE(v4_leaves(server_v4, over_tcp, tcp(21503, 443)));
  EXPECT_FALSE(v4_leaves(server_v4, over_udp, udp(20480, 443)));
  EXPECT_FALSE(v6_leaves(server_v6, over_tcp, tcp(20480, 443)));
  EXPECT_TRUE(v4_leaves(server_v4, over_tcp, tcp(21504, 443)));
  EXPECT_TRUE(v4_leaves(server_v4, over_tcp, tcp(20479, 443)));
  EXPECT_TRUE(v4_leaves(server_v4, over_tcp, tcp(2222, 443)));
  EXPECT_FALSE(v4_leaves(server_v4, over_tcp, tcp(2222, ntohs(peer.sin_port)))) << "into the host's own connection";
  EXPECT_FALSE(v4_leaves(server_v4, over_udp, udp(67, 68))) << "as a DHCP server";
  EXPECT_FALSE(v6_leaves(server_v6, over_udp, udp(547, 546))) << "as a DHCPv6 server";
  EXPECT_TRUE(carries(operator_end, host_end));
}

TEST_F(Filter, GuestDoesNotReachTheHost) {
  build_server();
  take_over_with_guest();
  const auto bridge = packet_socket("", taken.bridge);
  for (const char* to : {broadcast, "0a:00:00:00:00:01"}) {
    send_frame(guest, ethernet(to, server_mac, type_ip, ipv4(server_v4, "255.255.255.255", over_udp, udp(4000, 9999))));
    send_frame(guest, ethernet(to, server_mac, type_ip, ipv4(server_v4, server_v4, over_udp, udp(4000, 9999))));
  }
  EXPECT_EQ(arrived(control), 0U);
  // A packet socket gets frames before the filter; a listener shows whether the host's own stack gets them.
  FileDescriptor listener(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(9999);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
  send_frame(guest,
             ethernet(broadcast, server_mac, type_ip, ipv4(server_v4, "255.255.255.255", over_udp, udp(4000, 9999))));
  EXPECT_GT(arrived(wire), 0U);
  char byte = 0;
  EXPECT_LT(::recv(listener.get(), &byte, 1, 0), 0) << "the guest's broadcast reached a program of the host";
}

TEST_F(Filter, HostAndGuestGetWhatIsTheirs) {
  build_server();
  take_over_with_guest();
  const auto from_wire = [&](uint8_t protocol, const std::string& content) {
    send_frame(wire, ethernet(server_mac, foreign_mac, type_ip, ipv4("198.51.100.77", server_v4, protocol, content)));
    const auto to_host = arrived(control);
    const auto to_guest = arrived(guest);
    return std::pair(to_host, to_guest);
  };
  using Counts = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(from_wire(over_tcp, tcp(443, 20480)), Counts(1, 0));
  EXPECT_EQ(from_wire(over_udp, udp(53, 21247)), Counts(1, 0));
  EXPECT_EQ(from_wire(over_tcp, tcp(4000, 21503)), Counts(1, 0));
  EXPECT_EQ(from_wire(over_tcp, tcp(4000, 22)), Counts(0, 1));
  EXPECT_EQ(from_wire(over_tcp, tcp(4000, 20479)), Counts(0, 1));
  EXPECT_EQ(from_wire(over_tcp, tcp(4000, 21504)), Counts(0, 1));
  const auto quoted = [](uint16_t port) { return ipv4(server_v4, customer_v4, over_tcp, tcp(port, 443)); };
  EXPECT_EQ(from_wire(over_icmp, icmp(3, 4, quoted(20500))), Counts(1, 0)) << "about the host's connection";
  EXPECT_EQ(from_wire(over_icmp, icmp(3, 4, quoted(40000))), Counts(0, 1)) << "about the guest's";
  EXPECT_EQ(from_wire(over_icmp, icmp(8, 0, marker)), Counts(0, 1)) << "an echo request";

  const auto from_wire6 = [&](const std::string& content) {
    send_frame(wire, ethernet(server_mac, foreign_mac, type_ip6, ipv6(customer_v6, server_v6, over_icmp6, content)));
    const auto to_host = arrived(control);
    const auto to_guest = arrived(guest);
    return std::pair(to_host, to_guest);
  };
  const auto quoted6 = [](uint16_t port) { return ipv6(server_v6, customer_v6, over_tcp, tcp(port, 443)); };
  EXPECT_EQ(from_wire6(icmp(2, 0, quoted6(20500))), Counts(1, 0)) << "packet too big, for the host";
  EXPECT_EQ(from_wire6(icmp(2, 0, quoted6(40000))), Counts(0, 1)) << "packet too big, for the guest";
}

TEST_F(Filter, ErrorsAboutLiveConnectionsReachBoth) {
  build_server();
  const auto ssh = listen_in("", "0.0.0.0", 2222);
  const auto operator_end = connect_from("customer", server_v4, 2222);
  const auto host_end = accept_from(ssh);
  take_over_with_guest();
  send_frame(wire, ethernet(server_mac, foreign_mac, type_ip,
                            ipv4(router_v4, server_v4, over_icmp,
                                 icmp(3, 4, ipv4(server_v4, customer_v4, over_tcp, tcp(2222, 40000))))));
  EXPECT_EQ(arrived(control), 1U);
  EXPECT_EQ(arrived(guest), 1U);
}

TEST_F(Filter, KnownControlPlaneNarrowsTheHostsOwnPorts) {
  build_server();
  taken = plan();
  taken.control_plane_addresses = {ip_address(customer_v4), ip_address(customer_v6)};
  taken.original.dns_servers = {ip_address("198.51.100.53")};
  take_over_and_watch();
  const auto control_plane = listen_in("customer", "0.0.0.0", 443);
  EXPECT_TRUE(reaches("", customer_v4, 443, control_plane));
  const auto control_plane6 = listen_in("customer", customer_v6, 443);
  EXPECT_TRUE(reaches("", customer_v6, 443, control_plane6));
  drain();
  const auto to_host = [&](const std::string& from, uint16_t port) {
    send_frame(wire, ethernet(server_mac, foreign_mac, type_ip, ipv4(from, server_v4, over_tcp, tcp(443, port))));
    return arrived(control) == 1;
  };
  EXPECT_TRUE(to_host(customer_v4, 20500));
  EXPECT_TRUE(to_host("198.51.100.53", 20500)) << "names must be resolved, too";
  EXPECT_FALSE(to_host("198.51.100.77", 20500));
  EXPECT_TRUE(to_host("198.51.100.77", 21300)) << "listeners are for everybody";
}

TEST_F(Filter, GuestDoesNotSpeakWithTheControlPlane) {
  build_server();
  taken = plan();
  taken.control_plane_addresses = {ip_address(customer_v4), ip_address(customer_v6)};
  taken.original.dns_servers = {ip_address("198.51.100.53")};
  take_over_and_watch();
  const auto control_plane = listen_in("customer", "0.0.0.0", 8470);
  EXPECT_TRUE(reaches("", customer_v4, 8470, control_plane)) << "the host does";
  drain();
  for (const uint16_t port : std::initializer_list<uint16_t>{22, 53, 67, 80, 443, 547, 5432, 8470, 8471, 65535}) {
    EXPECT_FALSE(v4_leaves(server_v4, over_tcp, tcp(40000, port))) << port;
    EXPECT_FALSE(v6_leaves(server_v6, over_tcp, tcp(40000, port))) << port;
    EXPECT_FALSE(v4_leaves(server_v4, over_udp, udp(40000, port))) << port;
    EXPECT_FALSE(v6_leaves(server_v6, over_udp, udp(40000, port))) << port;
  }
  EXPECT_TRUE(v4_leaves(server_v4, over_icmp, icmp(8, 0, marker))) << "it may be the router, too";
  const auto to = [&](const char* address) {
    return leaves(ethernet(broadcast, server_mac, type_ip, ipv4(server_v4, address, over_tcp, tcp(40000, 8470))));
  };
  EXPECT_TRUE(to("198.51.100.10"));
}

TEST_F(Filter, GuestAsksTheControlPlanesMachineForNamesAndItsLease) {
  build_server();
  taken = plan(domain::GuestAddressing::provider_dhcp);
  taken.control_plane_addresses = {ip_address(customer_v4), ip_address(customer_v6)};
  taken.original.dns_servers = {ip_address(customer_v4), ip_address(customer_v6)};
  take_over_and_watch();
  drain();
  EXPECT_TRUE(v4_leaves(server_v4, over_udp, udp(40000, 53)));
  EXPECT_TRUE(v4_leaves(server_v4, over_tcp, tcp(40000, 53)));
  EXPECT_TRUE(v6_leaves(server_v6, over_udp, udp(40000, 53)));
  EXPECT_TRUE(v4_leaves(server_v4, over_udp, udp(68, 67)));
  EXPECT_TRUE(v6_leaves("fe80::1234", over_udp, udp(546, 547)));
  EXPECT_FALSE(v4_leaves(server_v4, over_udp, udp(40000, 54)));
  EXPECT_FALSE(v4_leaves(server_v4, over_tcp, tcp(53, 8470)));
  EXPECT_FALSE(v4_leaves(server_v4, over_udp, udp(20500, 53))) << "as the host";
}

TEST_F(Filter, NothingForeignLeaves) {
  build_server();
  const auto everything = packet_socket("router", "wire");
  taken = plan();
  take_over(taken);
  plug_guest(taken);
  configure_guest();
  guest = packet_socket("guest", "eth0");
  const auto bridge = packet_socket("", taken.bridge);
  const auto nic = packet_socket("", "nic0");
  const auto frame = ipv4(server_v4, customer_v4, over_udp, udp(4000, 53));
  // The egress hook returns an error to the sender: only the frames on the wire count.
  for (const auto* socket : {&bridge, &nic}) {
    const auto bytes = ethernet(broadcast, "0a:00:00:00:00:01", type_ip, frame);
    (void)::send(socket->get(), bytes.data(), bytes.size(), 0);
  }
  send_frame(guest, ethernet(broadcast, foreign_mac, type_ip, frame));
  send_frame(guest, ethernet(broadcast, server_mac, type_ip, frame));
  network.release(taken);
  const auto frames = frames_at(everything);
  EXPECT_GT(frames.size(), 0U);
  for (const auto& seen : frames) EXPECT_EQ(seen.substr(6, 6), "\x52\x54" + std::string("\x00\x12\x34\x56", 4));
}

}  // namespace
}  // namespace rescue::linux
