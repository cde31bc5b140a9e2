// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "raw_peer.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

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

TEST(HttpServerLimits, TakesLargeBodiesWhereTheyAreAllowedAFewAtATime) {
  auto options = on_loopback();
  options.largest_body = 1000;
  auto router = echo();
  router.allow_large_body("POST", "/echo", 100'000);
  const RunningServer server(std::move(router), options);
  Client client(server.client_options());
  EXPECT_EQ(client.request("POST", "/echo?dry_run=true", std::string(50'000, 'a')).status, 200U);
  EXPECT_EQ(client.request("POST", "/ec%68o", std::string(50'000, 'a')).status, 200U) << "in any spelling";
  EXPECT_EQ(client.request("POST", "/echo", std::string(100'001, 'a')).status, 413U);
  EXPECT_EQ(client.request("PUT", "/echo", std::string(2'000, 'a')).status, 413U) << "that method only";
  const auto begun = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n";
  RawPeer first(server.port());
  RawPeer second(server.port());
  for (auto* const peer : {&first, &second}) {
    peer->send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 50000\r\n\r\n");
    ASSERT_TRUE(peer->read_until("\r\n\r\n").starts_with("HTTP/1.1 100"));
  }
  RawPeer third(server.port());
  third.send(begun);
  const auto refused = third.read_to_end();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 429")) << refused;
  EXPECT_NE(refused.find("Retry-After: "), std::string::npos);
  EXPECT_EQ(client.request("POST", "/echo", std::string(1'000, 'a')).status, 200U) << "a small one needs no place";
  first.send(std::string(50'000, 'a'));
  EXPECT_TRUE(first.read_until("\r\n").starts_with("HTTP/1.1 200"));
  EXPECT_EQ(client.request("POST", "/echo", std::string(50'000, 'a')).status, 200U) << "there is room again";
}

/// /echo accepts large bodies from clients that send X-Client.
RunningServer with_admission() {
  auto options = on_loopback();
  options.largest_body = 1000;
  auto router = echo();
  router.allow_large_body("POST", "/echo", 100'000, [](const Request& request) -> std::variant<std::string, Response> {
    const auto client = request.header("x-client");
    if (!client.empty()) return client;
    throw Error(ErrorCode::denied, "who are you?");
  });
  return RunningServer(std::move(router), options);
}

std::string large(const std::string& fields) { return "POST /echo HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n"; }

TEST(HttpServerLimits, AsksWhoSendsALargeBodyBeforeItIsTaken) {
  const auto server = with_admission();
  for (const auto* const length : {"Content-Length: 50000\r\n", "Transfer-Encoding: chunked\r\n",
                                   "Expect: 100-continue\r\nContent-Length: 50000\r\n"}) {
    RawPeer peer(server.port());
    peer.send(large(length));
    const auto answer = peer.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  }
}

TEST(HttpServerLimits, KeepsPlacesForOthersWhateverStrangersAndOneClientDo) {
  const auto server = with_admission();
  std::vector<std::unique_ptr<RawPeer>> strangers;
  for (int i = 0; i < 5; ++i) {
    strangers.push_back(std::make_unique<RawPeer>(server.port()));
    strangers.back()->send(large("Content-Length: 50000\r\n") + "stalled");
    EXPECT_TRUE(strangers.back()->read_until("\r\n").starts_with("HTTP/1.1 403"));
  }
  std::vector<std::unique_ptr<RawPeer>> stalled;
  const auto begin_as = [&](const std::string& client) {
    stalled.push_back(std::make_unique<RawPeer>(server.port()));
    stalled.back()->send(large("X-Client: " + client + "\r\nExpect: 100-continue\r\nContent-Length: 50000\r\n"));
    return stalled.back()->read_until("\r\n").substr(0, 12);
  };
  EXPECT_EQ(begin_as("a"), "HTTP/1.1 100");
  EXPECT_EQ(begin_as("a"), "HTTP/1.1 100");
  EXPECT_EQ(begin_as("a"), "HTTP/1.1 429");
  EXPECT_EQ(begin_as("b"), "HTTP/1.1 100") << "there is room for others";
  EXPECT_EQ(begin_as("c"), "HTTP/1.1 503");
  EXPECT_EQ(begin_as("b"), "HTTP/1.1 503");
  stalled.front()->send(std::string(50'000, 'a'));
  (void)stalled.front()->read_until("HTTP/1.1 200");
  EXPECT_EQ(begin_as("c"), "HTTP/1.1 100") << "there is room again";
}

TEST(HttpServerLimits, NamesTheLimitOfTheRoute) {
  const auto server = with_admission();
  RawPeer peer(server.port());
  peer.send(large("X-Client: a\r\nContent-Length: 100001\r\n"));
  EXPECT_NE(peer.read_to_end().find("The limit is 100000 bytes."), std::string::npos);
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

TEST(HttpServerLimits, EndsARequestThatDripsIn) {
  auto options = on_loopback();
  options.request_limit = Milliseconds(200);
  const RunningServer server(echo(), options);
  for (const auto* const start :
       {"GET /hello HTTP/1.1\r\nX: ", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"}) {
    RawPeer peer(server.port());
    peer.send(start);
    int drops = 0;
    while (!peer.hears_something(10) && ++drops < 1000) peer.send("x");
    EXPECT_LT(drops, 200) << "each byte came in time, the request did not";
    EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 408"));
  }
}

TEST(HttpServerLimits, EndsAnAnswerThatNobodyTakes) {
  Router router;
  router.add("GET", "/large", [](const Request&) { return text(std::string(64 << 20, 'x')); });
  auto options = impatient();
  options.idle_limit = Milliseconds(300);
  const RunningServer server(std::move(router), options);
  RawPeer peer(server.port());
  peer.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(peer.hears_something(5'000));
  std::this_thread::sleep_for(Milliseconds(1'000));  // a slow reader
  EXPECT_LT(peer.read_to_end().size(), std::size_t{64} << 20U);
}

TEST(HttpServerLimits, GivesALargeAnswerToWhoTakesItSlowly) {
  Router router;
  router.add("GET", "/large", [](const Request&) { return text(std::string(24 << 20, 'x')); });
  auto options = on_loopback();
  options.idle_limit = Milliseconds(400);
  const RunningServer server(std::move(router), options);
  RawPeer peer(server.port());
  peer.send("GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::size_t received = 0;
  for (int i = 0; i < 10; ++i) {
    received += peer.read_some(1 << 20);
    std::this_thread::sleep_for(Milliseconds(100));
  }
  received += peer.read_to_end().size();
  EXPECT_GT(received, std::size_t{24} << 20U) << "it took longer than the limit, and never stood still for as long";
}

TEST(HttpServerLimits, AnswersAPeerThatSaysNoMore) {
  const RunningServer server;
  RawPeer peer(server.port());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  peer.finish_sending();
  EXPECT_TRUE(peer.read_to_end().ends_with("body"));
}

TEST(HttpServerLimits, MakesRoomWhenAllConnectionsAreIdle) {
  auto options = on_loopback();
  options.most_connections = 50;
  options.io_threads = 2;
  const RunningServer server(echo(), options);
  std::vector<std::unique_ptr<RawPeer>> idle;
  for (int i = 0; i < 60; ++i) idle.push_back(std::make_unique<RawPeer>(server.port()));
  RawPeer peer(server.port());
  peer.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(peer.read_to_end().ends_with("hello"));
}

TEST(HttpServerLimits, AnswersOnSeveralThreads) {
  auto options = on_loopback();
  options.io_threads = 4;
  const RunningServer server(echo(), options);
  std::atomic<int> answered{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        RawPeer peer(server.port());
        peer.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        (void)peer.read_until("hello");
        peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody");
        if (peer.read_to_end().ends_with("body")) ++answered;
      }
    });
  }
  clients.clear();
  EXPECT_EQ(answered.load(), 400);
}

ServerOptions with_places(std::size_t most) {
  auto options = on_loopback();
  options.most_of_one_address = most;
  options.io_threads = 2;
  return options;
}

constexpr auto hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

bool is_served(RawPeer& peer) {
  peer.send(hello);
  return peer.read_until("hello").ends_with("hello");
}

TEST(HttpServerLimits, GivesOneAddressNoMoreThanItsPlaces) {
  const RunningServer server(echo(), with_places(3));
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(std::make_unique<RawPeer>(server.port()));
    EXPECT_TRUE(is_served(*peers.back()));
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(RawPeer(server.port()).read_to_end(), "") << "one more is closed at once";
  RawPeer another(server.port(), "127.0.0.2");
  EXPECT_TRUE(is_served(another)) << "others have places of their own";
  for (auto& peer : peers) EXPECT_TRUE(is_served(*peer)) << "those that are there stay";
  peers.pop_back();
  bool served = false;
  for (int i = 0; i < 500 && !served; ++i) {
    RawPeer next(server.port());
    next.send(hello);
    served = next.read_to("hello");
  }
  EXPECT_TRUE(served) << "a place that was left is free";
}

TEST(HttpServerLimits, GivesTrustedProxiesThePlacesOfMany) {
  auto options = with_places(2);
  ASSERT_TRUE(options.trusted_proxies.add("127.0.0.1"));
  const RunningServer server(echo(), options);
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 10; ++i) {
    peers.push_back(std::make_unique<RawPeer>(server.port()));
    EXPECT_TRUE(is_served(*peers.back())) << i;
  }
}

}  // namespace
}  // namespace rescue::http
