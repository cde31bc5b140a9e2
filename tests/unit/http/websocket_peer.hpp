// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Both ends of a WebSocket under test: handlers that keep what they receive, and a client on a thread of its own.

#include "core/error.hpp"
#include "core/http/websocket_client.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rescue::http {

/// Keeps what it receives. Waits are bounded by 10 s.
class KeepingHandler : public WebSocketHandler {
public:
  using Message = std::pair<MessageKind, std::string>;

  void on_open(const std::shared_ptr<WebSocket>& socket) override {
    change([&] { socket_ = socket; });
  }
  void on_message(MessageKind kind, std::string_view message) override {
    change([&] {
      bytes_ += message.size();
      if (keeps_) messages_.emplace_back(kind, message);
    });
  }
  void on_drained() override {
    change([&] { ++drained_; });
  }
  void on_close(std::string_view reason) noexcept override {
    change([&] { closed_ = reason; });
  }

  void keep_nothing() {
    change([&] { keeps_ = false; });
  }
  [[nodiscard]] bool opens() {
    return wait([&] { return socket_ != nullptr; });
  }
  [[nodiscard]] bool closes() {
    return wait([&] { return closed_.has_value(); });
  }
  [[nodiscard]] bool drains() {
    return wait([&] { return drained_ > 0; });
  }
  [[nodiscard]] bool receives_bytes(std::size_t bytes) {
    return wait([&] { return bytes_ >= bytes; });
  }
  /// The first messages, once there are so many.
  [[nodiscard]] std::vector<Message> receives(std::size_t count) {
    (void)wait([&] { return messages_.size() >= count; });
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  [[nodiscard]] std::shared_ptr<WebSocket> socket() {
    const std::lock_guard lock(mutex_);
    return socket_;
  }
  [[nodiscard]] std::string reason() {
    const std::lock_guard lock(mutex_);
    return closed_.value_or("");
  }
  [[nodiscard]] std::size_t bytes() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

private:
  void change(const std::function<void()>& work) {
    {
      const std::lock_guard lock(mutex_);
      work();
    }
    changed_.notify_all();
  }
  bool wait(const std::function<bool()>& is_so) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), is_so);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<WebSocket> socket_;
  std::vector<Message> messages_;
  std::optional<std::string> closed_;
  std::size_t bytes_ = 0;
  int drained_ = 0;
  bool keeps_ = true;
};

/// A client on its own thread; the destructor closes it.
class DialledSocket {
public:
  explicit DialledSocket(WebSocketTarget target, Secret token = {},
                         std::shared_ptr<KeepingHandler> handler = std::make_shared<KeepingHandler>())
      : handler_(std::move(handler)),
        thread_([this, target = std::move(target), token = std::move(token)](const std::stop_token& stop) {
          try {
            run_websocket(target, token, handler_, stop);
          } catch (const Error& error) {
            const std::lock_guard lock(mutex_);
            error_ = error;
          }
          const std::lock_guard lock(mutex_);
          ended_ = true;
          changed_.notify_all();
        }) {}

  [[nodiscard]] KeepingHandler& handler() { return *handler_; }
  bool send(std::string message, MessageKind kind = MessageKind::binary) {
    return handler_->socket()->send(kind, std::move(message));
  }
  /// The error of a refused or failed dial, once it has ended; none if it ended in order, or not within 10 s.
  [[nodiscard]] std::optional<Error> fails() {
    (void)ends();
    const std::lock_guard lock(mutex_);
    return error_;
  }
  [[nodiscard]] bool ends() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return ended_; });
  }
  void stop() { thread_.request_stop(); }

private:
  std::shared_ptr<KeepingHandler> handler_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Error> error_;
  bool ended_ = false;
  std::jthread thread_;
};

}  // namespace rescue::http
