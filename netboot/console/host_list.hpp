// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The socket on which a host waits for consoles: it gets the whole list at once, and at each change.

#include "core/http/websocket.hpp"
#include "netboot/console/consoles.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace rescue::netboot {

/// Thread-safe.
class HostList final : public http::WebSocketHandler {
public:
  /// `opened` and `closed` are called on the socket's thread, and must not block.
  HostList(ServerName server, std::string session, std::function<void()> opened, std::function<void()> closed)
      : server_(std::move(server)), session_(std::move(session)), opened_(std::move(opened)),
        closed_(std::move(closed)) {}

  void on_open(const std::shared_ptr<http::WebSocket>& socket) override;
  /// A host has nothing to say here: ignored.
  void on_message(http::MessageKind /*kind*/, std::string_view /*message*/) override {}
  void on_close(std::string_view reason) noexcept override;

  [[nodiscard]] const ServerName& server() const noexcept { return server_; }
  [[nodiscard]] const std::string& session() const noexcept { return session_; }
  /// Sends the list if it is another than before.
  void show(const std::vector<ConsoleViewer>& viewers);
  /// Closes the socket: the session has ended.
  void end();

private:
  const ServerName server_;
  const std::string session_;
  const std::function<void()> opened_;
  const std::function<void()> closed_;
  std::mutex mutex_;
  std::shared_ptr<http::WebSocket> socket_;
  std::string shown_;
};

}  // namespace rescue::netboot
