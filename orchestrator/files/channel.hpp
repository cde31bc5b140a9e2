// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sends and receives whole messages on a stream socket.

#include "core/clock.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rescue::files {

class Channel {
public:
  /// `descriptor` stays the caller's. `limit`: of a wait for the peer, to send or to receive; none: no limit.
  explicit Channel(int descriptor, std::optional<Milliseconds> limit = {}) : descriptor_(descriptor), limit_(limit) {}

  /// Sends a message with its length. Throws `io` if the peer has gone, `timeout`.
  void send(std::string_view message) const;
  /// Receives a message, without its length. None: the peer has closed the socket. Throws `io` for one that is longer
  /// than `most` or incomplete, `timeout`.
  [[nodiscard]] std::optional<std::string> receive(std::size_t most) const;

private:
  void wait_for(short events) const;
  /// Bytes that were received: fewer than `size` only if the peer has closed the socket.
  std::size_t receive_into(char* bytes, std::size_t size) const;

  int descriptor_;
  std::optional<Milliseconds> limit_;
};

}  // namespace rescue::files
