// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket.hpp"
#include "core/unix_socket.hpp"
#include "raw_peer.hpp"
#include "running_server.hpp"
#include "tests/doubles/wait_until.hpp"
#include "websocket_peer.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <deque>

namespace rescue::http {
namespace {

/// Sends each message back.
class EchoingHandler final : public KeepingHandler {
public:
  void on_open(const std::shared_ptr<WebSocket>& socket) override {
    KeepingHandler::on_open(socket);
    own_ = socket;
  }
  void on_message(MessageKind kind, std::string_view message) override {
    KeepingHandler::on_message(kind, message);
    (void)own_->send(kind, std::string(message));
  }

private:
  std::shared_ptr<WebSocket> own_;
};

/// The route's side: one handler for each socket, in the order of their requests.
struct Side {
  std::mutex mutex;
  std::deque<std::shared_ptr<KeepingHandler>> handlers;
  std::vector<std::string> offered;
};

template <class Handler = KeepingHandler>
Router with_sockets(const std::shared_ptr<Side>& side, WebSocketLimits limits = {}, const std::string& chosen = {}) {
  auto router = echo();
  router.add_websocket("/socket/{name}", [=](const Request& request) {
    if (request.parameters.at("name") == "refused") throw Error(ErrorCode::denied, "not for you");
    const auto handler = std::make_shared<Handler>();
    const std::lock_guard lock(side->mutex);
    side->handlers.push_back(handler);
    side->offered = offered_subprotocols(request);
    return accept_websocket({handler, chosen, limits});
  });
  return router;
}

WebSocketTarget at(const RunningServer& server, const std::string& path = "/socket/a") {
  WebSocketTarget target;
  target.base_url = server.url();
  target.path = path;
  return target;
}

/// The first socket's handler, once it is open: the peer may know that before.
std::shared_ptr<KeepingHandler> first_of(Side& side) {
  auto first = std::make_shared<KeepingHandler>();
  EXPECT_TRUE(tests::wait_until([&] {
    const std::lock_guard lock(side.mutex);
    if (!side.handlers.empty()) first = side.handlers.front();
    return !side.handlers.empty();
  }));
  EXPECT_TRUE(first->opens());
  return first;
}

std::string handshake(const std::string& more = {}, const std::string& version = "13",
                      const std::string& key = "dGhlIHNhbXBsZSBub25jZQ==") {
  return "GET /socket/a HTTP/1.1\r\nHost: x.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: " +
         version + "\r\nSec-WebSocket-Key: " + key + "\r\n" + more + "\r\n";
}

/// The head of the answer to raw bytes.
std::string head_for(const RunningServer& server, const std::string& bytes) {
  RawPeer peer(server.port());
  peer.send(bytes);
  return peer.read_until("\r\n\r\n");
}

TEST(WebSocket, PassesMessagesOfBothKindsBothWays) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets<EchoingHandler>(side));
  DialledSocket client(at(server));
  ASSERT_TRUE(client.handler().opens());
  ASSERT_TRUE(client.send(std::string("\0\xff", 2)));
  ASSERT_TRUE(client.send("text", MessageKind::text));
  const auto messages = client.handler().receives(2);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0], KeepingHandler::Message(MessageKind::binary, std::string("\0\xff", 2)));
  EXPECT_EQ(messages[1], KeepingHandler::Message(MessageKind::text, "text"));
}

TEST(WebSocket, AnswersTheHandshakeOfTheSpecification) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side, {}, "chat"));
  const auto head = head_for(server, handshake("Sec-WebSocket-Protocol: other, chat\r\nOrigin: https://X.example\r\n"));
  EXPECT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
  EXPECT_NE(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Sec-WebSocket-Protocol: chat\r\n"), std::string::npos) << head;
  EXPECT_EQ(side->offered, (std::vector<std::string>{"other", "chat"}));
}

TEST(WebSocket, RefusesWhatIsNoHandshake) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side));
  const auto plain = head_for(server, "GET /socket/a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(plain.starts_with("HTTP/1.1 426 ")) << plain;
  EXPECT_NE(plain.find("Upgrade: websocket\r\n"), std::string::npos);
  const auto version = head_for(server, handshake("", "8"));
  EXPECT_TRUE(version.starts_with("HTTP/1.1 426 ")) << version;
  EXPECT_NE(version.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
  for (const auto* const key : {"", "c2hvcnQ=", "not base64"}) {
    EXPECT_TRUE(head_for(server, handshake("", "13", key)).starts_with("HTTP/1.1 400 ")) << key;
  }
  EXPECT_TRUE(head_for(server, handshake("Content-Length: 1\r\n") + "x").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(head_for(server, "HEAD /socket/a HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(
      head_for(server, "POST /socket/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(side->handlers.empty());
}

TEST(WebSocket, RefusesAPageOfAnotherSite) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side));
  for (const auto* const origin :
       {"https://evil.example", "null", "https://x.example:8443", "https://x.example.evil"}) {
    const auto head = head_for(server, handshake(std::string("Origin: ") + origin + "\r\n"));
    EXPECT_TRUE(head.starts_with("HTTP/1.1 403 ")) << origin << ": " << head;
  }
  EXPECT_TRUE(side->handlers.empty());
  EXPECT_TRUE(head_for(server, handshake("Origin: https://x.example:443\r\n")).starts_with("HTTP/1.1 101 "));
}

TEST(WebSocket, AnswersTheRefusalOfTheHandlerAsAProblem) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side));
  DialledSocket client(at(server, "/socket/refused"));
  const auto error = client.fails();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::denied);
  EXPECT_STREQ(error->what(), "not for you");
  DialledSocket lost(at(server, "/nowhere"));
  EXPECT_EQ(lost.fails().value().code(), ErrorCode::not_found);
}

TEST(WebSocket, ClosesOnAMessageThatIsTooLarge) {
  const auto side = std::make_shared<Side>();
  WebSocketLimits limits;
  limits.largest_message = 1000;
  const RunningServer server(with_sockets(side, limits));
  DialledSocket client(at(server));
  ASSERT_TRUE(client.handler().opens());
  ASSERT_TRUE(client.send(std::string(1000, 'x')));
  ASSERT_TRUE(client.send(std::string(1001, 'x')));
  EXPECT_TRUE(client.ends());
  const auto handler = first_of(*side);
  EXPECT_TRUE(handler->closes());
  EXPECT_EQ(handler->bytes(), 1000U);
}

TEST(WebSocket, ClosesOnFramesThatAreNotMasked) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side));
  {
    RawPeer peer(server.port());
    peer.send(handshake());
    (void)peer.read_until("\r\n\r\n");
    peer.send(std::string("\x82\x01x", 3));
    (void)peer.read_to_end();  // the server waits for this end for a while, too
  }
  EXPECT_TRUE(first_of(*side)->closes());
  EXPECT_EQ(first_of(*side)->bytes(), 0U);
}

TEST(WebSocket, DropsAReaderThatIsTooFarBehind) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side));
  RawPeer peer(server.port());
  peer.send(handshake());
  (void)peer.read_until("\r\n\r\n");
  const auto handler = first_of(*side);
  ASSERT_TRUE(handler->opens());
  const auto socket = handler->socket();
  std::size_t most = 0;
  for (int i = 0; i < 100'000 && socket->send(MessageKind::binary, std::string(16 << 10, 'x')); ++i) {
    most = std::max(most, socket->pending());
  }
  EXPECT_TRUE(handler->closes());
  EXPECT_LE(most, WebSocketLimits{}.most_pending);
  EXPECT_FALSE(socket->send(MessageKind::binary, "more"));
}

TEST(WebSocket, ReportsWhenAReaderHasCaughtUp) {
  const auto side = std::make_shared<Side>();
  WebSocketLimits limits;
  limits.most_pending = std::size_t{64} << 20U;
  const RunningServer server(with_sockets(side, limits));
  auto target = at(server);
  DialledSocket client(target);
  ASSERT_TRUE(client.handler().opens());
  client.handler().keep_nothing();
  client.handler().socket()->pause_reading();
  const auto handler = first_of(*side);
  constexpr std::size_t pieces = 512;
  constexpr std::size_t piece = std::size_t{32} << 10U;
  for (std::size_t i = 0; i < pieces; ++i)
    ASSERT_TRUE(handler->socket()->send(MessageKind::binary, std::string(piece, 'x')));
  EXPECT_GT(handler->socket()->pending(), limits.drained);
  client.handler().socket()->resume_reading();
  EXPECT_TRUE(handler->drains());
  EXPECT_TRUE(client.handler().receives_bytes(pieces * piece));
}

TEST(WebSocket, SendsWhatIsQueuedBeforeItCloses) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side));
  DialledSocket client(at(server));
  ASSERT_TRUE(client.handler().opens());
  const auto socket = first_of(*side)->socket();
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(socket->send(MessageKind::binary, std::string(16 << 10, 'x')));
  ASSERT_TRUE(socket->send(MessageKind::text, "bye"));
  socket->close(CloseCode::normal, "done");
  EXPECT_FALSE(socket->send(MessageKind::text, "too late"));
  const auto messages = client.handler().receives(9);
  ASSERT_EQ(messages.size(), 9U);
  EXPECT_EQ(messages.back().second, "bye");
  EXPECT_TRUE(client.ends());
  EXPECT_TRUE(first_of(*side)->closes());
}

TEST(WebSocket, DropsAPeerThatDoesNotAnswerTheClose) {
  const auto side = std::make_shared<Side>();
  WebSocketLimits limits;
  limits.farewell = Milliseconds(200);
  const RunningServer server(with_sockets(side, limits));
  RawPeer peer(server.port());
  peer.send(handshake());
  (void)peer.read_until("\r\n\r\n");
  first_of(*side)->socket()->close(CloseCode::normal, "done");
  EXPECT_TRUE(first_of(*side)->closes());
}

TEST(WebSocket, PingsAndDropsASilentPeer) {
  const auto side = std::make_shared<Side>();
  WebSocketLimits limits;
  limits.silence = Milliseconds(400);
  const RunningServer server(with_sockets(side, limits));
  RawPeer silent(server.port());
  silent.send(handshake());
  (void)silent.read_until("\r\n\r\n");
  DialledSocket alive(at(server));
  ASSERT_TRUE(alive.handler().opens());
  EXPECT_TRUE(silent.read_to(std::string("\x89\x00", 2))) << "a ping";
  EXPECT_TRUE(first_of(*side)->closes());
  EXPECT_EQ(alive.handler().reason(), "") << "a peer that answers pings stays";
}

TEST(WebSocket, DropsAPeerThatSpeaksAndDoesNotRead) {
  const auto side = std::make_shared<Side>();
  WebSocketLimits limits;
  limits.silence = Milliseconds(400);
  limits.most_pending = std::size_t{64} << 20U;
  const RunningServer server(with_sockets(side, limits));
  RawPeer peer(server.port());
  peer.send(handshake());
  (void)peer.read_until("\r\n\r\n");
  const auto handler = first_of(*side);
  ASSERT_TRUE(handler->opens());
  for (int i = 0; i < 512; ++i)
    ASSERT_TRUE(handler->socket()->send(MessageKind::binary, std::string(std::size_t{32} << 10U, 'x')));
  const auto began = std::chrono::steady_clock::now();
  while (handler->reason().empty() && std::chrono::steady_clock::now() - began < std::chrono::seconds(20)) {
    peer.send(std::string("\x8a\x80\0\0\0\0", 6));  // an unasked pong (RFC 6455, 5.5.3)
    std::this_thread::sleep_for(Milliseconds(50));
  }
  EXPECT_TRUE(handler->closes());
}

TEST(WebSocket, NoticesAPeerThatGoes) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side));
  {
    RawPeer peer(server.port());
    peer.send(handshake());
    (void)peer.read_until("\r\n\r\n");
  }
  EXPECT_TRUE(first_of(*side)->closes());
}

TEST(WebSocket, EndsInOrderWhenTheServerStops) {
  const auto side = std::make_shared<Side>();
  RunningServer server(with_sockets(side));
  DialledSocket client(at(server));
  const auto handler = first_of(*side);
  RawPeer silent(server.port());
  silent.send(handshake());
  (void)silent.read_until("\r\n\r\n");
  ASSERT_TRUE(client.handler().opens());
  const auto began = std::chrono::steady_clock::now();
  server.stop(Milliseconds(1'000));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_TRUE(client.ends());
  EXPECT_EQ(client.handler().reason(), "closed in order");
  EXPECT_TRUE(handler->closes());
  EXPECT_FALSE(handler->socket()->send(MessageKind::text, "nobody is there"));
}

TEST(WebSocket, HandleOutlivesTheServer) {
  const auto side = std::make_shared<Side>();
  std::shared_ptr<WebSocket> socket;
  {
    const RunningServer server(with_sockets(side));
    RawPeer peer(server.port());
    peer.send(handshake());
    (void)peer.read_until("\r\n\r\n");
    ASSERT_TRUE(first_of(*side)->opens());
    socket = first_of(*side)->socket();
    (void)socket->send(MessageKind::binary, "x");
  }
  EXPECT_FALSE(socket->send(MessageKind::binary, "x"));
  socket->pause_reading();
  socket->resume_reading();
  socket->close(CloseCode::normal, "");
  EXPECT_TRUE(first_of(*side)->closes());
}

TEST(WebSocket, ServesManyWithoutAThreadForEach) {
  constexpr std::size_t many = 60;
  const auto side = std::make_shared<Side>();
  auto options = on_loopback();
  options.pool_threads = 1;
  const RunningServer server(with_sockets<EchoingHandler>(side), options);
  std::vector<std::unique_ptr<DialledSocket>> clients;
  for (std::size_t i = 0; i < many; ++i) clients.push_back(std::make_unique<DialledSocket>(at(server)));
  for (const auto& client : clients) ASSERT_TRUE(client->handler().opens());
  for (const auto& client : clients) ASSERT_TRUE(client->send(std::string(60'000, 'y')));
  for (const auto& client : clients) EXPECT_TRUE(client->handler().receives_bytes(60'000));
  EXPECT_EQ(Client(server.client_options()).request("GET", "/peer").status, 200U);
}

TEST(WebSocketClient, FailsWhereNobodyListens) {
  WebSocketTarget target;
  {
    const RunningServer server;
    target = at(server);
  }
  EXPECT_EQ(DialledSocket(target).fails().value().code(), ErrorCode::unavailable);
  target.base_url = "ftp://x";
  EXPECT_EQ(DialledSocket(target).fails().value().code(), ErrorCode::config_invalid);
}

TEST(WebSocketClient, LimitsTheHandshakeAndCanBeStopped) {
  const auto never = [](const Request& request) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any released;
    (void)released.wait(lock, request.stopping, [] { return false; });
    return Response{};
  };
  Router router;
  router.add("GET", "/socket/a", never);
  const RunningServer server(std::move(router));
  auto target = at(server);
  target.connect_limit = Milliseconds(200);
  EXPECT_EQ(DialledSocket(target).fails().value().code(), ErrorCode::timeout);
  target.connect_limit = Milliseconds(60'000);
  DialledSocket stopped(target);
  stopped.stop();
  EXPECT_EQ(stopped.fails().value().code(), ErrorCode::cancelled);
}

/// A stream socket, and the other end that the pump gets.
struct StreamPair {
  StreamPair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw system_error("socketpair", errno);
    ours = FileDescriptor(ends[0]);
    pumped = FileDescriptor(ends[1]);
  }
  FileDescriptor ours;
  FileDescriptor pumped;
};

TEST(WebSocketPump, PassesBytesBothWaysAndEndsWithTheStream) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets<EchoingHandler>(side));
  StreamPair stream;
  std::string reason;
  std::jthread pump([&](const std::stop_token& stop) {
    reason = pump_websocket(at(server), Secret(), std::move(stream.pumped), stop);
  });
  std::string sent;
  for (int i = 0; i < 200'000; ++i) sent += static_cast<char>(i % 251);
  std::jthread writer([&] {
    for (std::size_t at = 0; at < sent.size();) {
      const auto done = ::send(stream.ours.get(), sent.data() + at, sent.size() - at, MSG_NOSIGNAL);
      if (done <= 0) return;
      at += static_cast<std::size_t>(done);
    }
  });
  std::string received;
  std::array<char, 4096> piece{};
  while (received.size() < sent.size()) {
    const auto got = ::recv(stream.ours.get(), piece.data(), piece.size(), 0);
    ASSERT_GT(got, 0);
    received.append(piece.data(), static_cast<std::size_t>(got));
  }
  EXPECT_EQ(received, sent);
  stream.ours.reset();
  pump.join();
  EXPECT_EQ(reason, "the stream has ended");
  EXPECT_TRUE(first_of(*side)->closes());
}

TEST(WebSocketPump, ReadsNoFasterThanTheStreamTakes) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side));
  StreamPair stream;
  std::jthread pump(
      [&](const std::stop_token& stop) { (void)pump_websocket(at(server), Secret(), std::move(stream.pumped), stop); });
  for (int i = 0; i < 1000 && !first_of(*side); ++i) std::this_thread::sleep_for(Milliseconds(5));
  const auto socket = first_of(*side)->socket();
  // Nobody reads the stream: kernel, pump and queue are bounded, and the socket is dropped instead of growing.
  int taken = 0;
  while (taken < 100'000 && socket->send(MessageKind::binary, std::string(16 << 10, 'x'))) ++taken;
  EXPECT_LT(taken, 100'000);
  EXPECT_TRUE(first_of(*side)->closes());
}

TEST(WebSocketPump, EndsTheStreamWithTheSocket) {
  const auto side = std::make_shared<Side>();
  const RunningServer server(with_sockets(side));
  StreamPair stream;
  std::jthread pump(
      [&](const std::stop_token& stop) { (void)pump_websocket(at(server), Secret(), std::move(stream.pumped), stop); });
  for (int i = 0; i < 1000 && !first_of(*side); ++i) std::this_thread::sleep_for(Milliseconds(5));
  first_of(*side)->socket()->close(CloseCode::going_away, "over");
  char byte = 0;
  EXPECT_EQ(::recv(stream.ours.get(), &byte, 1, 0), 0);
  pump.join();
}

}  // namespace
}  // namespace rescue::http
