// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Addresses, ports and tables as text, from the kernel and the configuration, and their bad forms.
#include "core/error.hpp"
#include "orchestrator/linux/network/addresses.hpp"
#include "orchestrator/linux/network/control_ports.hpp"
#include "orchestrator/linux/network/resolve.hpp"
#include "orchestrator/linux/network/survey.hpp"
#include "orchestrator/linux/network/tcp_connections.hpp"

#include <gtest/gtest.h>
#include <linux/if_addr.h>

namespace rescue::linux {
namespace {

using namespace net::literals;
using List = std::vector<net::IpAddress>;

TEST(ControlPorts, SplitsTheRangeIntoOwnConnectionsAndListeners) {
  const auto ports = control_ports_of({20480, 21503});
  EXPECT_EQ(ports.own, (domain::PortRange{20480, 21247}));
  EXPECT_EQ(ports.listeners, (domain::PortRange{21248, 21503}));
  EXPECT_EQ(local_port_range(ports), "20480\t21247");
  EXPECT_EQ(reserved_ports(ports, ""), "21248-21503");
  EXPECT_EQ(reserved_ports(ports, "8080,9148"), "8080,9148,21248-21503");
}

TEST(ControlPorts, RefusesARangeThatNoMaskDescribes) {
  for (const auto& [first, last] : {std::pair{20481, 21504},
                                    {20480, 21502},
                                    {20480, 20487},
                                    {512, 1023},
                                    {49152, 50175},
                                    {21503, 20480},
                                    {0, 65535}}) {
    try {
      (void)control_ports_of({static_cast<uint16_t>(first), static_cast<uint16_t>(last)});
      ADD_FAILURE() << first << "-" << last;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::precondition);
      EXPECT_FALSE(error.hint().empty());
    }
  }
}

TEST(TcpTable, ReadsConnectionsAndLeavesListenersOut) {
  const auto found = parse_tcp_table(
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0\n"
      "   1: 077100CB:0016 096433C6:9C40 01 00000000:00000000 02:000A 00000000     0        0 2 1 0\n"
      "   2: 077100CB:0017 096433C6:9C41 06 00000000:00000000 03:000A 00000000     0        0 0 3 0\n"
      "   3: 077100CB:0018 096433C6:9C42 02 00000000:00000000 03:000A 00000000     0        0 0 3 0\n");
  EXPECT_EQ(found, (std::vector<TcpConnection>{{"203.0.113.7"_ip, 22, "198.51.100.9"_ip, 40000},
                                               {"203.0.113.7"_ip, 24, "198.51.100.9"_ip, 40002}}));
}

TEST(TcpTable, ReadsIpv6AndIpv4OverIt) {
  const auto found = parse_tcp_table(
      "   1: B80D0120000000000000000007000000:0016 B80D012000000C000000000009000000:9C40 01 0:0 0:0 0 0 0 2\n"
      "   2: 0000000000000000FFFF0000077100CB:0016 0000000000000000FFFF0000096433C6:9C41 08 0:0 0:0 0 0 0 2\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (TcpConnection{"2001:db8::7"_ip, 22, "2001:db8:c::9"_ip, 40000}));
  EXPECT_TRUE(found[0].is_v6());
  EXPECT_EQ(found[1], (TcpConnection{"203.0.113.7"_ip, 22, "198.51.100.9"_ip, 40001}));
  EXPECT_FALSE(found[1].is_v6());
}

TEST(TcpTable, PassesOverWhatItDoesNotUnderstand) {
  EXPECT_TRUE(parse_tcp_table("").empty());
  EXPECT_TRUE(parse_tcp_table("nonsense\n\n 1: 0:0 0:0 01\n 1: 077100CB:0016 096433C6 01\n 2: 077100CB:0016").empty());
  EXPECT_TRUE(parse_tcp_table(" 1: 077100CX:0016 096433C6:9C40 01\n").empty());
}

TEST(ResolvConf, NamesServersThatOthersCanAsk) {
  EXPECT_EQ(parse_resolv_conf("# a comment\nsearch example.org\nnameserver 127.0.0.53\nnameserver 198.51.100.53\n"
                              "nameserver 2001:db8::53 # second\nnameserver ::1\nnameserver fe80::1%eth0\n"
                              "nameserver resolver.example\noptions edns0\nnameserver"),
            (List{"198.51.100.53"_ip, "2001:db8::53"_ip}));
}

TEST(ResolvConf, TellsAddressesInTheirCanonicalFormAndOnce) {
  EXPECT_EQ(parse_resolv_conf("nameserver 2001:DB8::53\nnameserver 2001:db8:0:0:0:0:0:54\nnameserver 2001:db8::53\n"
                              "nameserver 2001:db8::0:55\nnameserver ::ffff:198.51.100.53\n"),
            (List{"2001:db8::53"_ip, "2001:db8::54"_ip, "2001:db8::55"_ip, "198.51.100.53"_ip}));
}

TEST(ResolvConf, KeepsWhatOnlyTheHostCanAskToItself) {
  EXPECT_EQ(parse_resolv_conf("nameserver 0.0.0.0\nnameserver 0\nnameserver ::\nnameserver 127.1\n"
                              "nameserver ::ffff:127.0.0.53\nnameserver ::ffff:0.0.0.0\nnameserver FE80::1%eth0\n"
                              "nameserver ff02::fb\nnameserver 224.0.0.251\nnameserver 255.255.255.255\n"
                              "nameserver 169.254.169.253\n"),
            (List{"169.254.169.253"_ip}))
      << "a link-local address of IPv4 is one that clouds give to their resolvers";
}

TEST(Url, NamesItsHost) {
  EXPECT_EQ(host_of_url("http://198.51.100.1:8470"), "198.51.100.1");
  EXPECT_EQ(host_of_url("https://control.example/base?x=a:b"), "control.example");
  EXPECT_EQ(host_of_url("http://[2001:db8::10]:8470/"), "2001:db8::10");
  EXPECT_EQ(host_of_url("https://user:word@control.example:8443"), "control.example");
  EXPECT_EQ(host_of_url("control.example"), "");
}

TEST(Resolver, KnowsAddressesInAnyForm) {
  EXPECT_EQ(addresses_of_host("198.51.100.1"), List{"198.51.100.1"_ip});
  EXPECT_EQ(addresses_of_host("2001:DB8:0::10"), List{"2001:db8::10"_ip});
  EXPECT_EQ(addresses_of_host("::ffff:198.51.100.1"), List{"198.51.100.1"_ip});
  EXPECT_FALSE(addresses_of_host("localhost").empty());
}

TEST(Resolver, NameWithoutAddressIsAnErrorThatNamesIt) {
  const std::string name(70, 'x');  // longer than a label may be: no server is asked
  try {
    (void)addresses_of_host(name);
    FAIL() << "it has addresses";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::network);
    EXPECT_NE(std::string(error.what()).find(name), std::string::npos);
    EXPECT_FALSE(error.hint().empty());
  }
}

TEST(InterfaceAddress, ComparesWithoutWhatPassesWithTime) {
  domain::InterfaceAddress one;
  one.address = "2001:db8::7"_ip;
  one.prefix = 64;
  one.flags = IFA_F_NODAD | IFA_F_TENTATIVE;
  auto other = one;
  other.flags = IFA_F_NODAD | IFA_F_PERMANENT;
  other.valid_seconds = 17;
  EXPECT_TRUE(same_address(one, other));
  other.flags = IFA_F_PERMANENT;
  EXPECT_FALSE(same_address(one, other));
}

TEST(InterfaceAddress, IsHeldByTheHostForEver) {
  domain::InterfaceAddress leased;
  leased.address = "203.0.113.7"_ip;
  leased.label = "eno1:1";
  leased.flags = IFA_F_NOPREFIXROUTE | IFA_F_MANAGETEMPADDR;
  leased.valid_seconds = 600;
  leased.preferred_seconds = 300;
  auto held = as_held_by_host(leased);
  EXPECT_EQ(held.valid_seconds, UINT32_MAX);
  EXPECT_EQ(held.preferred_seconds, UINT32_MAX);
  EXPECT_EQ(held.label, "");
  EXPECT_EQ(held.flags, static_cast<unsigned>(IFA_F_NOPREFIXROUTE));
  leased.preferred_seconds = 0;
  EXPECT_EQ(as_held_by_host(leased).preferred_seconds, 0U) << "deprecated it stays";
}

}  // namespace
}  // namespace rescue::linux
