// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Socket with a deadline: no server, however slow, delays a session.

#include "core/clock.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace rescue::rdp {

class Wire {
public:
  /// The caller keeps ownership of the socket.
  Wire(int fd, SteadyTime deadline) : fd_(fd), deadline_(deadline) {}

  /// Sends all bytes, or returns false with `problem()`. Blocks at most until the deadline.
  bool send(std::span<const std::uint8_t> bytes);
  /// Receives the bytes that are there and fit, at least one; 0 with `problem()`.
  std::size_t receive(std::span<std::uint8_t> into);
  /// Receives exactly that many bytes; false with `problem()`.
  bool receive_all(std::span<std::uint8_t> into);

  [[nodiscard]] const std::string& problem() const { return problem_; }

private:
  bool wait(short events);

  int fd_;
  SteadyTime deadline_;
  std::string problem_;
};

}  // namespace rescue::rdp
