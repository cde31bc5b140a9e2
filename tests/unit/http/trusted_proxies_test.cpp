// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/trusted_proxies.hpp"
#include "raw_peer.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>

namespace rescue::http {
namespace {

TrustedProxies trusted(std::initializer_list<const char*> networks) {
  TrustedProxies proxies;
  for (const auto* const network : networks) EXPECT_TRUE(proxies.add(network)) << network;
  return proxies;
}

TEST(TrustedProxies, AreNobodyUnlessTold) {
  EXPECT_EQ(TrustedProxies().client_of("192.0.2.1", "203.0.113.7"), "192.0.2.1");
}

TEST(TrustedProxies, TellTheClientThatSpokeToThem) {
  const auto proxies = trusted({"192.0.2.0/24", "2001:db8:1::/48"});
  EXPECT_EQ(proxies.client_of("192.0.2.1", "203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(proxies.client_of("2001:db8:1::5", "2001:DB8:2::0:7"), "2001:db8:2::7") << "in our spelling";
  EXPECT_EQ(proxies.client_of("192.0.2.1", ""), "192.0.2.1") << "it asks for itself, as for a health check";
  EXPECT_EQ(proxies.client_of("192.0.3.1", "203.0.113.7"), "192.0.3.1");
  EXPECT_EQ(proxies.client_of("unix", "203.0.113.7"), "unix");
}

TEST(TrustedProxies, MayStandBehindEachOther) {
  const auto proxies = trusted({"192.0.2.1", "192.0.2.2"});
  EXPECT_EQ(proxies.client_of("192.0.2.1", "203.0.113.7, 192.0.2.2"), "203.0.113.7");
  EXPECT_EQ(proxies.client_of("192.0.2.1", "192.0.2.2"), "192.0.2.2") << "nobody else is named";
}

TEST(TrustedProxies, KnowIpv4InTheWordsOfIpv6) {
  const auto proxies = trusted({"192.0.2.0/24"});
  EXPECT_EQ(proxies.client_of("::ffff:192.0.2.1", "::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_FALSE(trusted({"2001:db8::/32"}).client_of("192.0.2.1", "203.0.113.7") == "203.0.113.7");
}

TEST(TrustedProxies, AreNotFooledByWhatAClientWrites) {
  const auto proxies = trusted({"192.0.2.1"});
  const auto client = [&](const std::string& forwarded) { return proxies.client_of("192.0.2.1", forwarded); };
  EXPECT_EQ(client("203.0.113.7, 198.51.100.66"), "198.51.100.66") << "the proxy has written the last one";
  EXPECT_EQ(client("192.0.2.1, 198.51.100.66"), "198.51.100.66");
  EXPECT_EQ(client("203.0.113.7, 192.0.2.1, 198.51.100.66"), "198.51.100.66");
  for (const auto* const broken : {"evil",
                                   "203.0.113.7, evil",
                                   "203.0.113.7, ",
                                   ",",
                                   "203.0.113.007",
                                   "0xcb007107",
                                   "203.0.113.7 198.51.100.66",
                                   "fe80::1%eth0",
                                   "unknown",
                                   "_hidden",
                                   "203.0.113.7:",
                                   "203.0.113.7:x",
                                   "203.0.113.7:65536",
                                   "203.0.113.7:80:80",
                                   ":80",
                                   "[2001:db8::1",
                                   "[2001:db8::1]x",
                                   "[2001:db8::1]:",
                                   "[203.0.113.7]",
                                   "[]",
                                   "\"203.0.113.7",
                                   "203.0.113.7\"",
                                   "\"\"",
                                   "\"",
                                   "[evil]:80"}) {
    EXPECT_EQ(client(broken), "192.0.2.1") << broken;
  }
  EXPECT_EQ(client(std::string(16'000, ',')), "192.0.2.1");
  EXPECT_EQ(client(std::string("203.0.113.7\0evil", 16)), "192.0.2.1");
}

TEST(TrustedProxies, MayWriteAPortBracketsAndQuotationMarks) {
  const auto proxies = trusted({"192.0.2.1", "2001:db8:1::1"});
  const auto client = [&](const std::string& forwarded) { return proxies.client_of("192.0.2.1", forwarded); };
  for (const auto* const entry : {"203.0.113.7:51008", "\"203.0.113.7:51008\"", "\"203.0.113.7\"", "203.0.113.7:0",
                                  "[::ffff:203.0.113.7]:51008", "198.51.100.66:1, 203.0.113.7:2"}) {
    EXPECT_EQ(client(entry), "203.0.113.7") << entry;
  }
  for (const auto* const entry : {"[2001:db8::7]:51008", "\"[2001:db8::7]\"", "[2001:db8::7]", "2001:db8::7",
                                  "\"[2001:DB8::7]:51008\"", " \"[2001:db8:0::7]:1\" "}) {
    EXPECT_EQ(client(entry), "2001:db8::7") << entry;
  }
  EXPECT_EQ(client("203.0.113.7:1, \"[2001:db8:1::1]:443\", 192.0.2.1:80"), "203.0.113.7") << "past other proxies";
}

TEST(TrustedProxies, TakeNetworksOnly) {
  TrustedProxies proxies;
  for (const auto* const wrong : {"", "proxy.example.org", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/8x",
                                  "192.0.2.1/24", "2001:db8::/129", "2001:db8::1/64", "0.0.0.0/0", "::/0", "192.0.2"}) {
    EXPECT_FALSE(proxies.add(wrong)) << wrong;
  }
  EXPECT_TRUE(proxies.empty());
}

/// The client's address in the server's view, for a request with these header lines.
std::string peer_seen(std::initializer_list<const char*> networks, const std::string& lines) {
  auto options = on_loopback();
  options.trusted_proxies = trusted(networks);
  const RunningServer server(echo(), options);
  RawPeer peer(server.port());
  peer.send("GET /peer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines + "\r\n");
  const auto answer = peer.read_to_end();
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST(TrustedProxies, AreAskedByTheServer) {
  EXPECT_EQ(peer_seen({}, "X-Forwarded-For: 203.0.113.7\r\n"), "127.0.0.1");
  EXPECT_EQ(peer_seen({"192.0.2.0/24"}, "X-Forwarded-For: 203.0.113.7\r\n"), "127.0.0.1");
  EXPECT_EQ(peer_seen({"127.0.0.1"}, "X-Forwarded-For: 203.0.113.7\r\n"), "203.0.113.7");
  EXPECT_EQ(peer_seen({"127.0.0.0/8"}, "X-Forwarded-For: 203.0.113.7\r\nx-forwarded-for: 198.51.100.66\r\n"),
            "198.51.100.66")
      << "HAProxy writes a line of its own";
  EXPECT_EQ(peer_seen({"127.0.0.1"}, "X-Forwarded-For:\r\n"), "127.0.0.1");
}

}  // namespace
}  // namespace rescue::http
