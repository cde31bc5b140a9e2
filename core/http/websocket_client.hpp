// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Dials a WebSocket and serves it on the calling thread.

#include "core/clock.hpp"
#include "core/handle.hpp"
#include "core/http/websocket.hpp"
#include "core/secret.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace rescue::http {

struct WebSocketTarget {
  std::string base_url;   ///< "https://192.0.2.1:8470"; http without TLS
  std::string path;       ///< "/v1/agent/consoles"
  std::string address{};  ///< IP address to connect to, in place of resolving the host; empty: resolve
  std::string ca_file{};  ///< for https; empty: the system's
  std::vector<std::string> subprotocols{};
  std::vector<std::pair<std::string, std::string>> headers{};
  Milliseconds connect_limit{5'000};  ///< of name, connection, TLS and opening handshake together
  WebSocketLimits limits{};
};

/// Dials, and serves the socket until it ends; the certificate must be valid for the URL's host. Throws, before
/// `on_open`, `config_invalid` for the URL, `unavailable` or `timeout` if no WebSocket came about, what a problem body
/// describes if the server refuses, and `cancelled`. `stop` closes an open socket in order, and returns.
void run_websocket(const WebSocketTarget& target, const Secret& bearer_token,
                   const std::shared_ptr<WebSocketHandler>& handler, const std::stop_token& stop);

/// Dials, and passes the bytes of binary messages to `stream`, a connected stream socket, and back until one of the two
/// ends. Both sides are read no faster than the other takes it. Returns the reason, for the log. Throws as
/// `run_websocket` does.
[[nodiscard]] std::string pump_websocket(const WebSocketTarget& target, const Secret& bearer_token,
                                         FileDescriptor stream, const std::stop_token& stop);

}  // namespace rescue::http
