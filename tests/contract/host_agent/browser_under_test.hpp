// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A browser with a console: the WebSocket of docs/console.md, and RFB (RFC 6143) in it.

#include "core/error.hpp"
#include "core/http/websocket_client.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rescue::tests {

/// Throws std::runtime_error if something does not come within 30 s.
class Browser {
  using json = nlohmann::json;

public:
  /// `proof`: "pass.PASS" or "resume.TOKEN".
  Browser(const std::string& url, const std::string& proof) : side_(std::make_shared<Side>()) {
    http::WebSocketTarget target;
    target.base_url = url;
    target.path = "/v1/console";
    target.subprotocols = {"rescue-console", proof};
    target.connect_limit = Milliseconds(20'000);
    target.limits.silence = Milliseconds(120'000);
    thread_ = std::jthread([side = side_, target = std::move(target)](const std::stop_token& stop) {
      try {
        http::run_websocket(target, Secret(), side, stop);
      } catch (const Error& error) {
        side->change([&] { side->error = error; });
      }
      side->change([&] { side->is_over = true; });
    });
  }

  /// The first message. Throws the error if the console is refused.
  json hello() {
    side_->wait([&] { return !side_->texts.empty() || side_->is_over; }, "hello");
    const std::lock_guard lock(side_->mutex);
    if (side_->error) throw Error(*side_->error);
    return side_->texts.empty() ? json() : side_->texts.front();
  }
  /// The first message of this type, and with this member if it is given.
  json message(const std::string& type, const std::function<bool(const json&)>& wanted = {}) {
    json found;
    side_->wait(
        [&] {
          for (const auto& text : side_->texts) {
            if (text.value("type", "") == type && (!wanted || wanted(text))) found = text;
          }
          return !found.is_null();
        },
        type);
    return found;
  }
  [[nodiscard]] bool has_message(const std::string& type) {
    const std::lock_guard lock(side_->mutex);
    for (const auto& text : side_->texts) {
      if (text.value("type", "") == type) return true;
    }
    return false;
  }
  /// Waits until the socket has ended.
  void ends() {
    side_->wait([&] { return side_->is_over; }, "the end");
  }
  [[nodiscard]] bool is_over() const {
    const std::lock_guard lock(side_->mutex);
    return side_->is_over;
  }
  /// Takes bytes of the stream.
  std::string read(std::size_t size) {
    side_->wait([&] { return side_->stream.size() >= size || side_->is_over; }, "bytes");
    const std::lock_guard lock(side_->mutex);
    if (side_->stream.size() < size) throw std::runtime_error("the stream has ended");
    auto bytes = side_->stream.substr(0, size);
    side_->stream.erase(0, size);
    return bytes;
  }
  [[nodiscard]] std::size_t bytes_waiting() const {
    const std::lock_guard lock(side_->mutex);
    return side_->stream.size();
  }
  /// Waits while much is queued, as a browser's page can.
  bool send(std::string bytes) {
    constexpr std::size_t much = std::size_t{256} << 10U;
    const auto to = socket();
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (to->pending() > much && !is_over() && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(Milliseconds(1));
    }
    return to->pending() <= much && to->send(http::MessageKind::binary, std::move(bytes));
  }
  bool say(const json& message) { return socket()->send(http::MessageKind::text, message.dump()); }
  void pause() { socket()->pause_reading(); }
  /// Goes as a closed tab does.
  void close() {
    thread_.request_stop();
    thread_.join();
  }

  /// RFB's handshake; returns the screen's width and height.
  std::pair<unsigned, unsigned> handshake() {
    const auto version = read(12);
    if (version != "RFB 003.008\n") throw std::runtime_error("not RFB: " + version);
    send(version);
    const auto types = read(static_cast<unsigned char>(read(1)[0]));
    if (types.find('\1') == std::string::npos) throw std::runtime_error("no security type None");
    send("\1");
    if (read(4) != std::string(4, '\0')) throw std::runtime_error("security failed");
    send(std::string(1, '\0'));
    const auto init = read(24);
    (void)read(number(init, 20, 4));
    width_ = number(init, 0, 2);
    height_ = number(init, 2, 2);
    send(std::string("\2\0\0\1\0\0\0\0", 8));  // Raw only
    return {width_, height_};
  }
  /// The whole screen.
  std::string picture() {
    std::string request("\3\0\0\0\0\0", 6);
    for (const auto size : {width_, height_}) {
      request += static_cast<char>(size >> 8U);
      request += static_cast<char>(size & 0xffU);
    }
    send(request);
    std::string all;
    while (all.size() < std::size_t{width_} * height_ * 4) all += update();
    return all;
  }
  void type(char key) {
    for (const auto down : {'\1', '\0'}) send(std::string("\4") + down + std::string("\0\0\0\0\0", 5) + key);
  }

private:
  struct Side final : http::WebSocketHandler {
    void on_open(const std::shared_ptr<http::WebSocket>& opened) override {
      change([&] { socket = opened; });
    }
    void on_message(http::MessageKind kind, std::string_view message) override {
      change([&] {
        if (kind == http::MessageKind::text) {
          texts.push_back(json::parse(message));
        } else {
          stream += message;
        }
      });
    }
    void on_close(std::string_view /*reason*/) noexcept override {}
    void change(const std::function<void()>& work) {
      {
        const std::lock_guard lock(mutex);
        work();
      }
      changed.notify_all();
    }
    void wait(const std::function<bool()>& is_so, const std::string& what) {
      std::unique_lock lock(mutex);
      if (!changed.wait_for(lock, std::chrono::seconds(30), is_so)) throw std::runtime_error(what + " did not come");
    }

    std::mutex mutex;
    std::condition_variable changed;
    std::shared_ptr<http::WebSocket> socket;
    std::vector<json> texts;
    std::string stream;
    std::optional<Error> error;
    bool is_over = false;
  };

  std::shared_ptr<http::WebSocket> socket() {
    side_->wait([&] { return side_->socket != nullptr || side_->is_over; }, "the socket");
    const std::lock_guard lock(side_->mutex);
    if (!side_->socket) throw std::runtime_error("the console was refused");
    return side_->socket;
  }
  static unsigned number(const std::string& bytes, std::size_t at, std::size_t size) {
    unsigned value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
    return value;
  }
  /// Pixels of one update.
  std::string update() {
    const auto head = read(4);
    if (head[0] != 0) throw std::runtime_error("not a FramebufferUpdate");
    std::string pixels;
    for (auto left = number(head, 2, 2); left > 0; --left) {
      const auto rectangle = read(12);
      pixels += read(std::size_t{number(rectangle, 4, 2)} * number(rectangle, 6, 2) * 4);
    }
    return pixels;
  }

  std::shared_ptr<Side> side_;
  std::jthread thread_;
  unsigned width_ = 0;
  unsigned height_ = 0;
};

}  // namespace rescue::tests
