// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "raw_peer.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace rescue::http {
namespace {

ServerOptions impatient() {
  auto options = on_loopback();
  options.idle_limit = options.request_limit = Milliseconds(100);
  return options;
}

TEST(HttpServerLimits, TimesOutASlowClientWith408) {
  const RunningServer server(echo(), impatient());
  RawPeer peer(server.port());
  peer.send("GET /hello HTT");
  EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 408"));
}

TEST(HttpServerLimits, TimesOutASlowBodyWith408) {
  const RunningServer server(echo(), impatient());
  RawPeer peer(server.port());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 408"));
}

TEST(HttpServerLimits, ClosesAnIdleConnectionWithoutAWord) {
  const RunningServer server(echo(), impatient());
  RawPeer peer(server.port());
  EXPECT_EQ(peer.read_to_end(), "");
}

TEST(HttpServerLimits, RefusesABodyTooLargeByItsAnnouncement) {
  auto options = on_loopback();
  options.largest_body = 1000;
  const RunningServer server(echo(), options);
  RawPeer peer(server.port());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  const auto answer = peer.read_until("\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413")) << answer;
}

TEST(HttpServerLimits, RefusesAChunkedBodyThatGrowsTooLarge) {
  auto options = on_loopback();
  options.largest_body = 1000;
  const RunningServer server(echo(), options);
  RawPeer peer(server.port());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'a'));
  EXPECT_TRUE(peer.read_until("\r\n").starts_with("HTTP/1.1 413"));
}

TEST(HttpServerLimits, AnswersA413ThatTheClientCanRead) {
  const RunningServer server;
  Client client(server.client_options());
  EXPECT_EQ(client.request("POST", "/echo", std::string(3 << 20, 'a')).status, 413U);
}

TEST(HttpServerLimits, RefusesAHeaderTooLarge) {
  const RunningServer server;
  RawPeer peer(server.port());
  peer.send("GET /hello HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(20'000, 'a') + "\r\n\r\n");
  EXPECT_TRUE(peer.read_until("\r\n").starts_with("HTTP/1.1 431"));
}

TEST(HttpServerLimits, LetsConnectionsBeyondTheCapWaitForTheirTurn) {
  auto options = on_loopback();
  options.most_connections = 1;
  const RunningServer server(echo(), options);
  RawPeer first(server.port());
  first.send("GET /hello HTTP/1.1\r\nHost: x\r\n");
  RawPeer second(server.port());
  second.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  first.send("\r\n");
  // Full: the first connection is closed after its answer, to make room for the second.
  EXPECT_NE(first.read_to_end().find("Connection: close"), std::string::npos);
  EXPECT_TRUE(second.read_to_end().ends_with("hello"));
}

}  // namespace
}  // namespace rescue::http
