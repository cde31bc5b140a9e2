// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One connection of a browser, and the host's socket that belongs to it.

#include "core/http/websocket.hpp"
#include "core/rfb/input_filter.hpp"
#include "netboot/console/consoles.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

/// Thread-safe: the two sockets are served by different threads.
class RelayedConsole : public std::enable_shared_from_this<RelayedConsole> {
public:
  /// Notifies whoever speaks with the database; calls must not block, and come from the sockets' threads.
  struct Sink {
    std::function<void()> browser_gone;  ///< once: the connection broke, or was closed
    std::function<void(ConsoleEnd)> ended;
    std::function<void(std::string)> labelled;
  };
  RelayedConsole(OpenedConsole opened, Sink sink);

  [[nodiscard]] const ConsoleViewer& viewer() const noexcept { return viewer_; }
  [[nodiscard]] Consoles::Connection connection() const { return {viewer_.id, viewer_.connection}; }
  [[nodiscard]] std::shared_ptr<http::WebSocketHandler> browser_handler();
  [[nodiscard]] std::shared_ptr<http::WebSocketHandler> host_handler();

  /// Tells the browser who watches, and until when, if that has changed.
  void show(const std::vector<ConsoleViewer>& viewers, const std::optional<WallTime>& session_ends);
  /// Shows a text to the person.
  void notice(const std::string& text);
  /// Tells the browser the reason and closes both sockets. Idempotent.
  void end(ConsoleEnd reason);
  [[nodiscard]] bool has_host() const;

private:
  class BrowserSide;
  class HostSide;
  using Socket = std::shared_ptr<http::WebSocket>;

  void browser_opened(const Socket& socket);
  void browser_sent(http::MessageKind kind, std::string_view message);
  void browser_drained();
  void browser_closed() noexcept;
  void host_opened(const Socket& socket);
  void host_sent(http::MessageKind kind, std::string_view message);
  void host_drained();
  void host_closed(const Socket& socket) noexcept;

  void take_control_message(std::string_view message);
  void fail(const std::string& why);
  [[nodiscard]] Socket browser() const;
  [[nodiscard]] Socket host() const;

  const ConsoleViewer viewer_;
  const Sink sink_;
  std::string hello_;        ///< until it is sent
  rfb::InputFilter filter_;  ///< used by the browser's thread only
  int labels_ = 0;
  mutable std::mutex mutex_;
  Socket browser_;
  Socket host_;
  bool has_had_host_ = false;
  bool is_over_ = false;
  std::string shown_viewers_;
  std::string shown_end_;
};

}  // namespace rescue::netboot
