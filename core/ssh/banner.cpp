// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/ssh/banner.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace rescue::ssh {
namespace {

enum class Verdict { unknown, ssh, other };

/// Classifies the bytes so far. SSH-1.99 is a server that supports 1 and 2.
Verdict judge(std::string_view text) {
  constexpr std::size_t longest_greeting = 2048;
  const auto size = text.size();
  while (!text.empty()) {
    if (text.starts_with("SSH-2.0-") || text.starts_with("SSH-1.99-")) {
      return text.find('\n') == std::string_view::npos ? Verdict::unknown : Verdict::ssh;
    }
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return size >= longest_greeting ? Verdict::other : Verdict::unknown;
}

void wake_after(int fd, std::size_t bytes) {
  const int low_water = static_cast<int>(bytes);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water);
}

std::string watch(int fd, SteadyTime deadline) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd wait{fd, POLLIN | POLLRDHUP, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) == 0) return "no SSH banner within the limit";
    const auto count = ::recv(fd, buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return "the connection broke before the SSH banner: " + std::generic_category().message(errno);
    const auto verdict = judge({buffer.data(), static_cast<std::size_t>(count)});
    if (verdict == Verdict::ssh) return {};
    if (verdict == Verdict::other) return "the service on this port is not SSH";
    if (count == 0 || (wait.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
      return "the server closed the connection before its SSH banner";
    }
    // Raise SO_RCVLOWAT: the bytes stay in the socket, and poll would return at once.
    wake_after(fd, static_cast<std::size_t>(count) + 1);
  }
}

}  // namespace

std::string await_banner(int fd, SteadyTime deadline) {
  auto problem = watch(fd, deadline);
  wake_after(fd, 1);
  return problem;
}

}  // namespace rescue::ssh
