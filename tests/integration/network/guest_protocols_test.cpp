// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The guest may use a list of protocols, without fragments and without headers that hide the protocol.
#include "tests/integration/network/filter_lab.hpp"

namespace rescue::linux {
namespace {

using namespace lab;  // NOLINT: the data centre is what these tests speak of

constexpr uint16_t more_fragments = 0x2000;
constexpr uint8_t over_fragment = 44;

/// An IPv4 packet that is marked as a fragment: `offset` in units of eight bytes.
std::string ipv4_fragment(uint16_t flags_and_offset, uint8_t protocol, const std::string& content) {
  auto packet = ipv4(server_v4, customer_v4, protocol, content);
  packet.replace(6, 2, big_endian(flags_and_offset));
  packet.replace(10, 2, std::string(2, '\0'));
  packet.replace(10, 2, big_endian(internet_checksum(packet.substr(0, 20))));
  return packet;
}

/// The fragment header of IPv6: `offset` in units of eight bytes.
std::string fragment_header(uint8_t next, uint16_t offset, bool more) {
  return std::string{static_cast<char>(next), '\0'} +
         big_endian(static_cast<uint16_t>(offset << 3U | (more ? 1U : 0U))) + "\x01\x02\x03\x04";
}

/// Eight bytes of padding, as hop-by-hop or destination options.
std::string options_header(uint8_t next) {
  return std::string{static_cast<char>(next), '\0'} + std::string("\x01\x04\0\0\0\0", 6);
}

class GuestProtocols : public FilterLab {
protected:
  void SetUp() override {
    FilterLab::SetUp();
    if (IsSkipped()) return;
    build_server();
    take_over_with_guest();
  }
  bool v4_packet_leaves(const std::string& packet) const {
    return leaves(ethernet(broadcast, server_mac, type_ip, packet));
  }
  bool v6_content_leaves(uint8_t next, const std::string& content) const { return v6_leaves(server_v6, next, content); }
};

TEST_F(GuestProtocols, KnownProtocolsPassAndOthersDoNot) {
  EXPECT_TRUE(v4_leaves(server_v4, over_tcp, tcp(4000, 443)));
  EXPECT_TRUE(v4_leaves(server_v4, over_udp, udp(4000, 443)));
  EXPECT_TRUE(v4_leaves(server_v4, over_icmp, icmp(8, 0, marker)));
  EXPECT_TRUE(v4_leaves(server_v4, 50, std::string("\0\0\1\2", 4) + marker)) << "ESP";
  for (const uint8_t other : std::initializer_list<uint8_t>{0, 2, 4, 41, 47, 89, 99, 103, 112, 132, 253, 255}) {
    EXPECT_FALSE(v4_leaves(server_v4, other, udp(4000, 443))) << int{other};
    EXPECT_FALSE(v6_leaves(server_v6, other, udp(4000, 443))) << int{other};
  }
  EXPECT_TRUE(v6_leaves(server_v6, over_tcp, tcp(4000, 443)));
  EXPECT_TRUE(v6_leaves(server_v6, over_icmp6, icmp(128, 0, marker)));
}

TEST_F(GuestProtocols, IcmpMessagesOfRoutersDoNotPass) {
  for (const uint8_t type : std::initializer_list<uint8_t>{5, 9, 13, 17})
    EXPECT_FALSE(v4_leaves(server_v4, over_icmp, icmp(type, 0, marker))) << int{type};
  for (const uint8_t type : std::initializer_list<uint8_t>{134, 137, 138, 141, 151, 155}) {
    EXPECT_FALSE(v6_leaves("fe80::1234", over_icmp6, icmp(type, 0, marker))) << int{type};
  }
}

TEST_F(GuestProtocols, PacketsWithoutTheirTransportHeaderDoNotPass) {
  const std::string few("\x0f\xa0\x01\xbb", 4);  // only ports
  EXPECT_FALSE(v4_leaves(server_v4, over_tcp, few));
  EXPECT_FALSE(v4_leaves(server_v4, over_udp, few));
  EXPECT_FALSE(v6_leaves(server_v6, over_tcp, few));
  EXPECT_FALSE(v4_packet_leaves(ipv4_fragment(more_fragments, over_tcp, few + std::string(4, '\0'))));
  auto headerless = ipv4(server_v4, customer_v4, over_udp, udp(4000, 443));
  headerless[0] = '\x44';  // a header of four words
  EXPECT_FALSE(v4_packet_leaves(headerless));
}

TEST_F(GuestProtocols, Ipv4FragmentsPassWhereTheFirstOneHasThePorts) {
  EXPECT_TRUE(v4_packet_leaves(ipv4_fragment(more_fragments, over_udp, udp(4000, 443))));
  EXPECT_TRUE(v4_packet_leaves(ipv4_fragment(185, over_udp, marker)));
  EXPECT_FALSE(v4_packet_leaves(ipv4_fragment(more_fragments, over_udp, udp(20480, 443)))) << "as the host";
  EXPECT_FALSE(v4_packet_leaves(ipv4_fragment(185, over_tcp, marker))) << "TCP is not cut";
  EXPECT_FALSE(v4_packet_leaves(ipv4_fragment(1, over_tcp, marker)));
  EXPECT_FALSE(v4_packet_leaves(ipv4_fragment(185, 99, marker)));
}

TEST_F(GuestProtocols, ContentOfAFragmentIsNotTakenForPorts) {
  const auto from_wire = [&](const std::string& packet) {
    send_frame(wire, ethernet(server_mac, foreign_mac, packet[0] == '\x45' ? type_ip : type_ip6, packet));
    return std::pair(arrived(control), arrived(guest));
  };
  using Counts = std::pair<std::size_t, std::size_t>;
  auto piece = ipv4("198.51.100.77", server_v4, over_udp, udp(443, 20500));
  EXPECT_EQ(from_wire(piece), Counts(1, 0));
  piece.replace(6, 2, big_endian(185));
  piece.replace(10, 2, std::string(2, '\0'));
  piece.replace(10, 2, big_endian(internet_checksum(piece.substr(0, 20))));
  EXPECT_EQ(from_wire(piece), Counts(0, 1));
  const auto from_wire6 = [&](uint16_t offset) {
    return from_wire(
        ipv6(customer_v6, server_v6, over_fragment, fragment_header(over_udp, offset, true) + udp(443, 20500)));
  };
  EXPECT_EQ(from_wire6(0), Counts(1, 0));
  EXPECT_EQ(from_wire6(185), Counts(0, 1));
  EXPECT_TRUE(v4_packet_leaves(ipv4_fragment(185, over_udp, udp(20480, 443)))) << "content, and no port of the host's";
}

TEST_F(GuestProtocols, Ipv6FragmentsWithoutATransportHeaderDoNotPass) {
  const auto whole = udp(4000, 443);
  EXPECT_TRUE(v6_content_leaves(over_fragment, fragment_header(over_udp, 0, true) + whole)) << "it is in the first";
  EXPECT_TRUE(v6_content_leaves(over_fragment, fragment_header(over_udp, 0, false) + whole)) << "an atomic fragment";
  EXPECT_FALSE(v6_content_leaves(over_fragment, fragment_header(over_udp, 185, false) + marker));
  EXPECT_FALSE(v6_content_leaves(over_fragment, fragment_header(over_tcp, 1, true) + tcp(4000, 443)));
  EXPECT_FALSE(v6_content_leaves(over_fragment, fragment_header(over_icmp6, 185, true) + icmp(128, 0, marker)));
  EXPECT_FALSE(v6_content_leaves(over_fragment, fragment_header(60, 0, true) + options_header(over_fragment)))
      << "the first, without it";
  EXPECT_FALSE(v6_content_leaves(over_fragment, fragment_header(over_fragment, 0, false) +
                                                    fragment_header(over_udp, 185, false) + whole))
      << "a fragment within a fragment";
  EXPECT_FALSE(v6_content_leaves(over_fragment, fragment_header(over_udp, 0, true) + udp(20480, 443))) << "as the host";
  EXPECT_FALSE(v6_content_leaves(60, options_header(over_fragment) + fragment_header(over_udp, 185, false) + whole));
}

TEST_F(GuestProtocols, HeadersBehindWhichNothingCanBeToldDoNotPass) {
  const auto whole = udp(4000, 443);
  EXPECT_TRUE(v6_content_leaves(0, options_header(over_udp) + whole)) << "hop-by-hop options";
  EXPECT_TRUE(v6_content_leaves(60, options_header(over_udp) + whole)) << "destination options";
  EXPECT_FALSE(v6_content_leaves(60, options_header(over_udp) + udp(20480, 443))) << "as the host, behind options";
  for (const uint8_t unknown : std::initializer_list<uint8_t>{59, 135, 139, 140, 253, 254}) {
    EXPECT_FALSE(v6_content_leaves(unknown, options_header(over_udp) + whole)) << int{unknown};
    EXPECT_FALSE(v6_content_leaves(60, options_header(unknown) + options_header(over_udp) + whole)) << int{unknown};
  }
  EXPECT_FALSE(v6_content_leaves(60, std::string("\x11\xff", 2) + marker)) << "options that reach beyond the packet";
}

TEST_F(GuestProtocols, OtherEthernetTypesDoNotPass) {
  const auto packet = ipv4(server_v4, customer_v4, over_udp, udp(4000, 53));
  const std::string tag("\x00\x05\x08\x00", 4);
  for (const uint16_t type : std::initializer_list<uint16_t>{0x8100, 0x88a8, 0x9100}) {
    EXPECT_FALSE(leaves(ethernet(broadcast, server_mac, type, tag + packet))) << type;
  }
  EXPECT_FALSE(leaves(ethernet(broadcast, server_mac, type_vlan, std::string("\x00\x05\x81\x00", 4) + tag + packet)));
  EXPECT_FALSE(leaves(ethernet(broadcast, server_mac, type_vlan, std::string("\x00\x00\x08\x00", 4) + packet)))
      << "priority only";
  for (const uint16_t type : std::initializer_list<uint16_t>{0x0842, 0x8035, 0x8847, 0x8863, 0x88cc, 0x88e5}) {
    EXPECT_FALSE(leaves(ethernet(broadcast, server_mac, type, packet))) << type;
  }
  EXPECT_FALSE(leaves(ethernet("01:80:c2:00:00:00", server_mac, 38, std::string("\x42\x42\x03", 3) + marker + packet)))
      << "as a bridge";
}

TEST_F(GuestProtocols, ArpInAnotherFormDoesNotPass) {
  const auto question = arp(server_mac, server_v4, server_v4);
  EXPECT_TRUE(leaves(ethernet(broadcast, server_mac, type_arp, question)));
  for (const std::size_t field : {1U, 3U, 4U, 5U, 7U}) {  // hardware, protocol, their lengths, operation
    auto odd = question;
    odd[field] = '\x09';
    EXPECT_FALSE(leaves(ethernet(broadcast, server_mac, type_arp, odd))) << field;
  }
}

TEST_F(GuestProtocols, WhatIsDroppedIsCounted) {
  const auto before = run_program({"nft", "list", "chain", "netdev", nft_table, "guest_in"});
  EXPECT_FALSE(v4_leaves(server_v4, 99, marker));
  const auto after = run_program({"nft", "list", "chain", "netdev", nft_table, "guest_in"});
  const auto last = [](const std::string& list) { return list.substr(list.rfind("counter packets")); };
  EXPECT_NE(last(before), last(after)) << after;
  EXPECT_NE(last(after).find("drop"), std::string::npos) << after;
}

}  // namespace
}  // namespace rescue::linux
