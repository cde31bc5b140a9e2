// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/stream.hpp"
#include "raw_peer.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace rescue::http {
namespace {

Router streaming(const std::shared_ptr<Stream>& stream) {
  Router router = echo();
  router.add("GET", "/events", [stream](const Request&) {
    Response response;
    response.content_type = "text/event-stream";
    response.stream = stream;
    return response;
  });
  return router;
}

constexpr auto request = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";

bool becomes_closed(const Stream& stream) {
  for (int i = 0; i < 1000 && stream.is_open(); ++i) std::this_thread::sleep_for(Milliseconds(5));
  return !stream.is_open();
}

TEST(HttpStream, SendsWhatIsWrittenWhenItIsWritten) {
  const auto stream = std::make_shared<Stream>();
  const RunningServer server(streaming(stream));
  RawPeer peer(server.port());
  EXPECT_TRUE(stream->write("before"));
  peer.send(request);
  EXPECT_NE(peer.read_until("6\r\nbefore\r\n").find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_TRUE(stream->write("later"));
  EXPECT_EQ(peer.read_until("later\r\n"), "5\r\nlater\r\n");
  stream->end();
  EXPECT_EQ(peer.read_until("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_FALSE(stream->write("too late"));
  peer.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(peer.read_to_end().ends_with("hello")) << "the connection goes on";
}

TEST(HttpStream, EndsWhenThePeerGoes) {
  const auto stream = std::make_shared<Stream>();
  const RunningServer server(streaming(stream));
  {
    RawPeer peer(server.port());
    peer.send(request);
    (void)peer.read_until("\r\n\r\n");
  }
  EXPECT_TRUE(becomes_closed(*stream));
}

TEST(HttpStream, GivesUpAPeerThatTakesNothing) {
  const auto stream = std::make_shared<Stream>(1 << 20);
  const RunningServer server(streaming(stream));
  RawPeer peer(server.port());
  peer.send(request);
  (void)peer.read_until("\r\n\r\n");
  const std::string much(256 << 10, 'x');
  for (int i = 0; i < 1000 && stream->write(much); ++i) {
  }
  EXPECT_FALSE(stream->is_open());
}

TEST(HttpStream, HoldsNoThreadOfThePool) {
  auto options = on_loopback();
  options.pool_threads = 1;
  const auto stream = std::make_shared<Stream>();
  const RunningServer server(streaming(stream), options);
  RawPeer peer(server.port());
  peer.send(request);
  (void)peer.read_until("\r\n\r\n");
  EXPECT_EQ(Client(server.client_options()).request("GET", "/peer").status, 200U);
}

TEST(HttpStream, EndsWhenTheServerStops) {
  const auto stream = std::make_shared<Stream>();
  RunningServer server(streaming(stream));
  RawPeer peer(server.port());
  peer.send(request);
  (void)peer.read_until("\r\n\r\n");
  const auto began = std::chrono::steady_clock::now();
  server.stop(Milliseconds(10'000));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_FALSE(stream->write("nobody is there"));
}

}  // namespace
}  // namespace rescue::http
