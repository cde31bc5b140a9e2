// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TCP peers on the loopback interface: servers with a given misbehaviour, and one that stalls during a conversation.

#include "orchestrator/ports/connector.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace rescue::tests {

inline sockaddr_in loopback(unsigned port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Connects in our own network namespace.
inline ports::Connection connect_to_loopback(const std::string&, unsigned port, Milliseconds) {
  const auto address = loopback(port);
  FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return {std::move(fd), ""};
  return {FileDescriptor(), std::strerror(errno)};
}

struct Listener {
  FileDescriptor fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  unsigned port = 0;
  Listener() {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd.get(), generic, size) != 0 || ::listen(fd.get(), 8) != 0) std::abort();
    ::getsockname(fd.get(), generic, &size);
    port = ntohs(address.sin_port);
  }
};

/// A port without a listener.
inline unsigned closed_port() { return Listener().port; }

/// Serves one connection after the other; `serve` returns when it is done or `done` is true.
class LoopbackServer {
public:
  using Serve = std::function<void(int client, const std::atomic<bool>& done)>;
  explicit LoopbackServer(Serve serve) : serve_(std::move(serve)), thread_([this] { run(); }) {}
  ~LoopbackServer() {
    done_ = true;
    thread_.join();
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] unsigned port() const { return listener_.port; }

  /// Sends the text and keeps the connection open.
  static Serve says(std::string text) {
    return [text = std::move(text)](int client, const std::atomic<bool>& done) {
      (void)!::send(client, text.data(), text.size(), MSG_NOSIGNAL);
      stay(client, done);
    };
  }
  /// Sends the text and closes the connection.
  static Serve says_and_leaves(std::string text) {
    return [text = std::move(text)](int client, const std::atomic<bool>&) {
      (void)!::send(client, text.data(), text.size(), MSG_NOSIGNAL);
      ::shutdown(client, SHUT_WR);
    };
  }
  /// Forwards all bytes to `port`, and only the first `bytes` of the answers back.
  static Serve stalls_after(std::size_t bytes, unsigned port) {
    return [bytes, port](int client, const std::atomic<bool>& done) {
      const auto server = connect_to_loopback("", port, Milliseconds(1000));
      for (std::size_t passed = 0; passed < bytes && !done;) {
        pollfd waits[] = {{client, POLLIN, 0}, {server.fd.get(), POLLIN, 0}};
        ::poll(waits, 2, 50);
        if (waits[0].revents != 0 && pass(client, server.fd.get(), 4096) == 0) return;
        if (waits[1].revents == 0) continue;
        const auto count = pass(server.fd.get(), client, bytes - passed);
        if (count == 0) return;
        passed += count;
      }
      stay(client, done);
    };
  }

private:
  /// Waits until the client leaves.
  static void stay(int client, const std::atomic<bool>& done) {
    char buffer[4096];
    pollfd wait{client, POLLIN, 0};
    while (!done) {
      if (::poll(&wait, 1, 50) > 0 && ::recv(client, buffer, sizeof buffer, MSG_DONTWAIT) <= 0) return;
    }
  }
  static std::size_t pass(int from, int to, std::size_t most) {
    char buffer[4096];
    const auto count = ::recv(from, buffer, std::min(most, sizeof buffer), MSG_DONTWAIT);
    if (count <= 0) return 0;
    (void)!::send(to, buffer, static_cast<std::size_t>(count), MSG_NOSIGNAL);
    return static_cast<std::size_t>(count);
  }
  void run() {
    while (!done_) {
      pollfd wait{listener_.fd.get(), POLLIN, 0};
      if (::poll(&wait, 1, 50) <= 0) continue;
      const FileDescriptor client(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (client) serve_(client.get(), done_);
    }
  }

  Serve serve_;
  Listener listener_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace rescue::tests
