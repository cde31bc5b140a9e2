// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/ticket/listener.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <random>

namespace rescue::ticket {
namespace {

constexpr int backlog = 16;

/// A wildcard address of both families, or of IPv4 where the kernel has no IPv6.
struct AnyAddress {
  sockaddr_storage address{};
  socklen_t size = 0;
};

AnyAddress any_address(int family, std::uint16_t port) {
  AnyAddress any;
  if (family == AF_INET6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    any.size = sizeof v6;
    std::memcpy(&any.address, &v6, sizeof v6);
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    any.size = sizeof v4;
    std::memcpy(&any.address, &v4, sizeof v4);
  }
  return any;
}

/// An invalid descriptor with errno.
FileDescriptor bound_socket(int family, std::uint16_t port) {
  FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return socket;
  const int on = 1;
  const int off = 0;
  // A fixed port must be free again at once; connections of the last ticket may wait in TIME_WAIT.
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  const auto any = any_address(family, port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any.address), any.size) != 0 ||
      ::listen(socket.get(), backlog) != 0) {
    const int error = errno;
    socket.reset();
    errno = error;
  }
  return socket;
}

FileDescriptor bound_socket(std::uint16_t port) {
  auto socket = bound_socket(AF_INET6, port);
  if (!socket && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) socket = bound_socket(AF_INET, port);
  return socket;
}

}  // namespace

Listening listen_for_viewers(const domain::PortRange& range, std::optional<std::uint16_t> port) {
  if (port) {
    auto socket = bound_socket(*port);
    if (socket) return {std::move(socket), *port};
    throw Error(ErrorCode::network, fmt::format("can't listen on port {}: {}", *port, std::strerror(errno)),
                "Name another port, or none.");
  }
  const auto count = static_cast<unsigned>(range.last - range.first) + 1;
  std::random_device random;
  const auto start = random();
  for (unsigned tried = 0; tried < count; ++tried) {
    const auto candidate = static_cast<std::uint16_t>(range.first + (start + tried) % count);
    if (auto socket = bound_socket(candidate)) return {std::move(socket), candidate};
    if (errno != EADDRINUSE) throw system_error(fmt::format("can't listen on port {}", candidate), errno);
  }
  throw Error(ErrorCode::network, fmt::format("no port of {}-{} is free", range.first, range.last),
              "Stop a program that listens there, or widen network.control_ports.");
}

}  // namespace rescue::ticket
