// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Addresses as values: accepted and refused texts, output and comparison.
#include "core/error.hpp"
#include "core/net/ip_address.hpp"
#include "core/net/mac.hpp"
#include "core/net/prefix.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rescue::net {
namespace {

/// The error of reading `text`, which names the text and the right format.
template <class Value>
void expect_refused(const std::string& text) {
  EXPECT_FALSE(Value::try_parse(text)) << text;
  try {
    (void)Value::parse(text);
    ADD_FAILURE() << "'" << text << "' was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find("'" + text + "'"), std::string::npos) << error.what();
    EXPECT_FALSE(error.hint().empty());
  }
}

TEST(Mac, ReadsAndWrites) {
  EXPECT_EQ(Mac::parse("52:54:00:AB:cd:0f").text(), "52:54:00:ab:cd:0f");
  EXPECT_EQ(fmt::format("{}", "52:54:00:AB:cd:0f"_mac), "52:54:00:ab:cd:0f");
  for (const char* text :
       {"", "52:54:00:12:34", "52:54:00:12:34:56:78", "52-54-00-12-34-56", "52:54:00:12:34:5g", "5:54:00:12:34:56",
        "52:54:00:12:34:56:", "525400123456", "52:54:00-12:34:56", " 2:54:00:12:34:56", "::::::::::::::::::"}) {
    expect_refused<Mac>(text);
  }
}

TEST(Mac, IsReadInAnySpelling) {
  for (const char* text : {"52:54:00:ab:cd:ef", "52-54-00-AB-CD-EF", "5254.00ab.cdef", "525400-abcdef", "525400abcdef",
                           "01-52-54-00-ab-cd-ef", "52:54:0:ab:cd:ef", "52 54 0 ab cd ef"}) {
    EXPECT_EQ(Mac::in_any_spelling(text), "52:54:00:ab:cd:ef"_mac) << text;
  }
  for (const char* text : {"", "52", "525400abcde", "525:400:abc:def", "52:54::ab:cd:ef", "52:54:00:ab:cd:ef\n"}) {
    EXPECT_FALSE(Mac::in_any_spelling(text)) << text;
  }
  EXPECT_TRUE(Mac::in_any_spelling("00:00:00:00:00:00")) << "whose address it is, is another question";
}

TEST(Mac, IsBytesAndANumber) {
  const auto mac = "52:54:00:12:34:56"_mac;
  EXPECT_EQ(mac.number(), 0x525400123456U);
  EXPECT_EQ(Mac::of_number(0x525400123456U), mac);
  EXPECT_EQ(mac.bytes(), (Mac::Bytes{0x52, 0x54, 0, 0x12, 0x34, 0x56}));
  EXPECT_EQ(Mac::of_bytes(mac.bytes()), mac);
  EXPECT_FALSE(Mac::of_bytes(std::span(mac.bytes()).first(5)));
  EXPECT_FALSE(Mac::of_bytes({}));
}

TEST(Mac, KnowsGroupsAndNone) {
  EXPECT_TRUE("01:00:5e:00:00:01"_mac.is_group());
  EXPECT_TRUE("ff:ff:ff:ff:ff:ff"_mac.is_group());
  EXPECT_FALSE("02:00:00:00:00:01"_mac.is_group());
  EXPECT_TRUE(Mac().is_zero());
  EXPECT_FALSE("00:00:00:00:00:01"_mac.is_zero());
}

TEST(Mac, IsOrderedAsItsTextIs) {
  EXPECT_LT("00:ff:ff:ff:ff:ff"_mac, "52:54:00:00:00:01"_mac);
  EXPECT_LT("52:54:00:00:00:01"_mac, "52:54:00:00:00:a0"_mac);
}

TEST(IpAddress, ReadsAndWrites) {
  EXPECT_EQ(IpAddress::parse("203.0.113.7").text(), "203.0.113.7");
  EXPECT_EQ(IpAddress::parse("2001:DB8:0:0:0::7").text(), "2001:db8::7");
  EXPECT_EQ(IpAddress::parse("::ffff:203.0.113.7").text(), "::ffff:203.0.113.7");
  EXPECT_EQ(IpAddress::parse("0:0:0:0:0:0:0:0").text(), "::");
  EXPECT_EQ(IpAddress::parse("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255").text(),
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
      << "the longest text that there is";
  EXPECT_EQ(fmt::format("{:>13}", "203.0.113.7"_ip), "  203.0.113.7");
}

TEST(IpAddress, RefusesWhatIsNone) {
  for (const char* text : {"", "panel.example", "203.0.113", "203.0.113.7.1", "203.0.113.256", "203.0.113.07",
                           "203.0.113.7 ", " 203.0.113.7", "203.0.113.7/32", "127.1", "0", "0x7f000001", "2001:db8::g",
                           "2001:db8::1::2", "fe80::1%eth0", "[::1]", ":"}) {
    expect_refused<IpAddress>(text);
  }
  expect_refused<IpAddress>(std::string(1000, '1'));
  EXPECT_FALSE(IpAddress::try_parse(std::string_view("203.0.113.7\0", 12))) << "more than C sees of it";
}

TEST(IpAddress, KnowsItsFamily) {
  EXPECT_TRUE("203.0.113.7"_ip.is_v4());
  EXPECT_FALSE("203.0.113.7"_ip.is_v6());
  EXPECT_EQ("203.0.113.7"_ip.family(), AF_INET);
  EXPECT_EQ("203.0.113.7"_ip.bits(), 32U);
  EXPECT_TRUE("2001:db8::7"_ip.is_v6());
  EXPECT_EQ("2001:db8::7"_ip.family(), AF_INET6);
  EXPECT_EQ("2001:db8::7"_ip.bits(), 128U);
  EXPECT_NE("0.0.0.0"_ip, "::"_ip);
}

TEST(IpAddress, IsItsBytes) {
  const std::vector<std::uint8_t> v4 = {203, 0, 113, 7};
  EXPECT_EQ(IpAddress::of_bytes(v4), "203.0.113.7"_ip);
  const auto address = "203.0.113.7"_ip;
  EXPECT_EQ(std::vector<std::uint8_t>(address.bytes().begin(), address.bytes().end()), v4);
  EXPECT_EQ(IpAddress::of_bytes("2001:db8::7"_ip.bytes()), "2001:db8::7"_ip);
  EXPECT_FALSE(IpAddress::of_bytes({}));
  EXPECT_FALSE(IpAddress::of_bytes(std::vector<std::uint8_t>(5)));
}

TEST(IpAddress, IsReadFromASocketsAddress) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0xcb007107U);
  EXPECT_EQ(IpAddress::of_socket(reinterpret_cast<const sockaddr*>(&v4)), "203.0.113.7"_ip);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr.s6_addr[15] = 1;
  v6.sin6_scope_id = 7;
  EXPECT_EQ(IpAddress::of_socket(reinterpret_cast<const sockaddr*>(&v6)), "::1"_ip);
  v6.sin6_family = AF_UNIX;
  EXPECT_FALSE(IpAddress::of_socket(reinterpret_cast<const sockaddr*>(&v6)));
}

TEST(IpAddress, TellsApartWhatIsNobodys) {
  EXPECT_TRUE("0.0.0.0"_ip.is_unspecified());
  EXPECT_TRUE("::"_ip.is_unspecified());
  EXPECT_FALSE("::1"_ip.is_unspecified());
  EXPECT_TRUE("224.0.0.1"_ip.is_multicast());
  EXPECT_TRUE("239.255.255.255"_ip.is_multicast());
  EXPECT_FALSE("240.0.0.1"_ip.is_multicast());
  EXPECT_TRUE("ff02::1"_ip.is_multicast());
  EXPECT_FALSE("fe80::1"_ip.is_multicast());
}

TEST(IpAddress, IsMappedIntoIpv6AndBack) {
  EXPECT_EQ("203.0.113.7"_ip.mapped(), "::ffff:203.0.113.7"_ip);
  EXPECT_EQ("::ffff:203.0.113.7"_ip.unmapped(), "203.0.113.7"_ip);
  EXPECT_EQ("203.0.113.7"_ip.unmapped(), "203.0.113.7"_ip);
  EXPECT_EQ("2001:db8::7"_ip.mapped(), "2001:db8::7"_ip);
  EXPECT_EQ("2001:db8::7"_ip.unmapped(), "2001:db8::7"_ip);
  EXPECT_EQ("::203.0.113.7"_ip.unmapped(), "::203.0.113.7"_ip) << "an old form that means something else";
}

TEST(IpAddress, StandsInBracketsInAUrl) {
  EXPECT_EQ(host_in_url("2001:db8::7"), "[2001:db8::7]");
  EXPECT_EQ(host_in_url("fe80::1%eth0"), "[fe80::1%eth0]");
  EXPECT_EQ(host_in_url("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(host_in_url("bmc-01.example.net"), "bmc-01.example.net");
}

TEST(IpAddress, IsOrderedByNumber) {
  EXPECT_LT("9.0.0.1"_ip, "10.0.0.1"_ip);
  EXPECT_LT("255.255.255.255"_ip, "::"_ip);
  EXPECT_LT("2001:db8::7"_ip, "2001:db8::10"_ip);
}

TEST(Prefix, ReadsAndWrites) {
  EXPECT_EQ(Prefix::parse("203.0.113.7").text(), "203.0.113.7/32");
  EXPECT_EQ(Prefix::parse("2001:db8::7").text(), "2001:db8::7/128");
  EXPECT_EQ(Prefix::parse("203.0.113.7/24").text(), "203.0.113.7/24") << "an address within a network";
  EXPECT_EQ(fmt::format("{}", "::/0"_prefix), "::/0");
  EXPECT_EQ(Prefix().text(), "0.0.0.0/0");
}

TEST(Prefix, RefusesWhatIsNone) {
  for (const char* text :
       {"", "panel.example", "203.0.113", "203.0.113.7/33", "203.0.113.7/", "203.0.113.7/2x", "203.0.113.7/-1",
        "203.0.113.7/+1", "203.0.113.7/24/24", "2001:db8::/129", "2001:db8::g", "203.0.113.7 ", "/24"}) {
    expect_refused<Prefix>(text);
  }
  EXPECT_THROW((void)Prefix("203.0.113.7"_ip, 33), Error);
  EXPECT_EQ(Prefix("203.0.113.7"_ip, 32), "203.0.113.7/32"_prefix);
}

TEST(Prefix, KnowsItsNetworkAndItsLastAddress) {
  EXPECT_EQ("203.0.113.7/20"_prefix.network(), "203.0.112.0/20"_prefix);
  EXPECT_EQ("2001:db8:1:2:3::4/50"_prefix.network(), "2001:db8:1::/50"_prefix);
  EXPECT_EQ("203.0.113.7/32"_prefix.network(), "203.0.113.7/32"_prefix);
  EXPECT_EQ("203.0.113.7/0"_prefix.network(), "0.0.0.0/0"_prefix);
  EXPECT_EQ("255.255.255.255/17"_prefix.network(), "255.255.128.0/17"_prefix);
  EXPECT_EQ("203.0.113.7/20"_prefix.last(), "203.0.127.255"_ip);
  EXPECT_EQ("fe80::/10"_prefix.last(), "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"_ip);
  EXPECT_EQ("::1/128"_prefix.last(), "::1"_ip);
}

TEST(Prefix, ContainsWhatIsWithin) {
  EXPECT_TRUE("fe80::/10"_prefix.contains("fe80::1/64"_prefix));
  EXPECT_FALSE("fe80::/64"_prefix.contains("fe80::/10"_prefix));
  EXPECT_FALSE("0.0.0.0/0"_prefix.contains("::1"_ip));
  EXPECT_TRUE("0.0.0.0/0"_prefix.contains("255.255.255.255"_ip));
  EXPECT_TRUE("203.0.113.7/24"_prefix.contains("203.0.113.200"_ip)) << "whatever stands behind its length";
  EXPECT_FALSE("203.0.113.7/24"_prefix.contains("203.0.114.7"_ip));
}

}  // namespace
}  // namespace rescue::net
