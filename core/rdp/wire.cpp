// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/rdp/wire.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace rescue::rdp {

bool Wire::wait(short events) {
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline_ - std::chrono::steady_clock::now()).count();
    pollfd ready{fd_, events, 0};
    const int count = left <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left));
    if (count > 0) return true;
    if (count < 0 && errno == EINTR) continue;
    problem_ = "no answer within the limit";
    return false;
  }
}

bool Wire::send(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      if (!wait(POLLOUT)) return false;
    } else if (errno != EINTR) {
      problem_ = "the connection broke: " + std::generic_category().message(errno);
      return false;
    }
  }
  return true;
}

std::size_t Wire::receive(std::span<std::uint8_t> into) {
  for (;;) {
    const auto count = ::recv(fd_, into.data(), into.size(), MSG_DONTWAIT);
    if (count > 0) return static_cast<std::size_t>(count);
    if (count == 0) {
      problem_ = "the server closed the connection";
      return 0;
    }
    if (errno == EAGAIN) {
      if (!wait(POLLIN)) return 0;
    } else if (errno != EINTR) {
      problem_ = "the connection broke: " + std::generic_category().message(errno);
      return 0;
    }
  }
}

bool Wire::receive_all(std::span<std::uint8_t> into) {
  while (!into.empty()) {
    const auto count = receive(into);
    if (count == 0) return false;
    into = into.subspan(count);
  }
  return true;
}

}  // namespace rescue::rdp
