// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A peer that sends raw bytes, for requests that no HTTP client would send.

#include "core/handle.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace rescue::http {

class RawPeer {
public:
  /// `from` is one of this machine's own addresses.
  explicit RawPeer(std::uint16_t port, const char* from = "127.0.0.1")
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, from, &address.sin_addr);
    const void* const own = &address;
    (void)::bind(fd_.get(), static_cast<const sockaddr*>(own), sizeof address);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const void* const place = &address;
    if (::connect(fd_.get(), static_cast<const sockaddr*>(place), sizeof address) != 0) {
      throw std::runtime_error("can't connect to the server under test");
    }
  }

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server may refuse early: the test checks its answer
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// Reads until the server closes.
  [[nodiscard]] std::string read_to_end() {
    while (receive()) {
    }
    return received_;
  }

  /// Whether `text` arrives before the server closes.
  [[nodiscard]] bool read_to(std::string_view text) {
    while (received_.find(text) == std::string::npos && receive()) {
    }
    return received_.find(text) != std::string::npos;
  }

  /// Reads until `text` has arrived.
  [[nodiscard]] std::string read_until(std::string_view text) {
    while (received_.find(text) == std::string::npos && receive()) {
    }
    const auto end = received_.find(text);
    if (end == std::string::npos) throw std::runtime_error("the server did not send '" + std::string(text) + "'");
    auto result = received_.substr(0, end + text.size());
    received_.erase(0, end + text.size());
    return result;
  }

  /// Whether the server sends bytes or closes within `milliseconds`.
  [[nodiscard]] bool hears_something(int milliseconds) const {
    pollfd readable{fd_.get(), POLLIN, 0};
    return ::poll(&readable, 1, milliseconds) == 1;
  }

  /// Reads at least one byte and stops at `most`. Returns the number.
  [[nodiscard]] std::size_t read_some(std::size_t most) {
    std::size_t read = 0;
    while (read < most && receive()) read += std::exchange(received_, {}).size();
    return read;
  }

  /// Ends sending; answers can still be read.
  void finish_sending() const { ::shutdown(fd_.get(), SHUT_WR); }

private:
  bool receive() {
    pollfd readable{fd_.get(), POLLIN, 0};
    if (::poll(&readable, 1, 10'000) != 1) throw std::runtime_error("the server under test is silent");
    std::array<char, 4096> chunk{};
    const auto got = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
    if (got <= 0) return false;
    received_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }

  FileDescriptor fd_;
  std::string received_;
};

}  // namespace rescue::http
