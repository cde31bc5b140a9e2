// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The other end of a channel: answers each line by a function, on a thread of its own.

#include "images/vm/line_channel.hpp"

#include <sys/socket.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace rescue::tests {

/// Bytes to send for a line that came; "" is silence.
using Answers = std::function<std::string(const std::string& line)>;

class Peer {
public:
  explicit Peer(Answers answers, std::string greeting = {})
      : ends_(vm::socket_pair()), thread_([this, answers = std::move(answers), greeting = std::move(greeting)] {
          send(greeting);
          std::string pending;
          char bytes[4096];
          for (;;) {
            const auto count = ::recv(ends_.second.get(), bytes, sizeof bytes, 0);
            if (count <= 0) return;
            pending.append(bytes, static_cast<std::size_t>(count));
            for (std::size_t end = 0; (end = pending.find('\n')) != std::string::npos; pending.erase(0, end + 1)) {
              send(answers(pending.substr(0, end)));
            }
          }
        }) {}
  ~Peer() {
    hang_up();
    thread_.join();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Our end, once.
  [[nodiscard]] FileDescriptor take() { return std::move(ends_.first); }
  void hang_up() { ::shutdown(ends_.second.get(), SHUT_RDWR); }

private:
  void send(std::string_view text) {
    while (!text.empty()) {
      const auto count = ::send(ends_.second.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  std::pair<FileDescriptor, FileDescriptor> ends_;
  std::thread thread_;
};

}  // namespace rescue::tests
