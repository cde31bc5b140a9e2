// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// WebSockets (RFC 6455) for handlers, on either side: messages as values, bounded queues, no thread per socket.

#include "core/clock.hpp"
#include "core/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::http {

enum class MessageKind { binary, text };

/// RFC 6455, 7.4.1.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol = 1002,
  unsupported = 1003,
  policy = 1008,
  too_big = 1009,
  internal = 1011,
  restart = 1012
};

struct WebSocketLimits {
  std::size_t largest_message = std::size_t{64} << 10U;  ///< of the peer; a larger one closes with `too_big`
  std::size_t most_pending = std::size_t{512} << 10U;    ///< bytes queued for the peer: more drops it
  std::size_t drained = std::size_t{64} << 10U;  ///< `on_drained` follows when no more bytes than this are queued
  /// A peer that sends nothing is pinged after half of this, and dropped after all of it; so is one that does not take
  /// a message for as long.
  Milliseconds silence{30'000};
  Milliseconds farewell{5'000};  ///< limit of sending what is queued, and of closing, after `close`
};

/// An open socket. Thread-safe; may outlive the connection.
class WebSocket {
public:
  virtual ~WebSocket() = default;
  /// Queues a message and returns at once; false if the socket is closed or closing, or drops a peer that is too far
  /// behind. A text must be UTF-8.
  virtual bool send(MessageKind kind, std::string message) = 0;
  /// Bytes that are queued.
  [[nodiscard]] virtual std::size_t pending() const = 0;
  /// Stops reading from the peer until `resume_reading`: its own sending comes to a halt. A message that has arrived
  /// may still follow. A peer that is not read for WebSocketLimits::silence is dropped.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  /// Closes after what is queued. Idempotent. `reason` has 120 bytes at most.
  virtual void close(CloseCode code, std::string_view reason) = 0;
};

/// Receives what happens on one socket, on the thread of its connection: calls must not block, and don't overlap.
class WebSocketHandler {
public:
  virtual ~WebSocketHandler() = default;
  /// First call; none if the peer goes before the handshake ends.
  virtual void on_open(const std::shared_ptr<WebSocket>& socket) = 0;
  virtual void on_message(MessageKind kind, std::string_view message) = 0;
  /// The queue has shrunk to WebSocketLimits::drained.
  virtual void on_drained() {}
  /// Last call, once, after `on_open`. `reason` is for the log.
  virtual void on_close(std::string_view reason) noexcept = 0;
};

/// Turns a connection into a WebSocket, in place of a body.
struct Upgrade {
  std::shared_ptr<WebSocketHandler> handler;
  std::string subprotocol;  ///< one that the client has offered; empty: none
  WebSocketLimits limits{};
};

/// Accepts a request of a route that was added with Router::add_websocket.
[[nodiscard]] Response accept_websocket(Upgrade upgrade);

/// Subprotocols that the client offers, in its order.
[[nodiscard]] std::vector<std::string> offered_subprotocols(const Request& request);

/// Refusal of a request that is not a proper opening handshake (RFC 6455, 4.2.1): 400, 405, or 426 with the version.
/// 403 for a browser's page of another origin: `Origin` must have the host and port of `Host`; the scheme is not
/// compared, since a proxy may have ended TLS. None: it is one.
[[nodiscard]] std::optional<Response> websocket_fault(const Request& request, bool is_old_protocol);

}  // namespace rescue::http
