// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bytes over a socket until a deadline: no server, however slow, holds a session up.

#include "core/clock.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace rescue::rdp {

class Wire {
public:
  /// The socket stays the caller's.
  Wire(int fd, SteadyTime deadline) : fd_(fd), deadline_(deadline) {}

  /// All of it, or false with `problem()`. Blocks until the deadline at most.
  bool send(std::span<const std::uint8_t> bytes);
  /// As many as fit and are there, at least one; 0 with `problem()`.
  std::size_t receive(std::span<std::uint8_t> into);
  /// Exactly as many; false with `problem()`.
  bool receive_all(std::span<std::uint8_t> into);

  [[nodiscard]] const std::string& problem() const { return problem_; }

private:
  bool wait(short events);

  int fd_;
  SteadyTime deadline_;
  std::string problem_;
};

}  // namespace rescue::rdp
