// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/access/connect.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace rescue::access {
namespace {

Connection refused(std::string problem) { return {FileDescriptor(), std::move(problem)}; }
Connection refused(int error_number) { return refused(std::generic_category().message(error_number)); }

struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  explicit operator bool() const { return size != 0; }
};

Endpoint endpoint_of(const std::string& address, unsigned port) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &list) != 0) return {};
  const Handle<addrinfo, ::freeaddrinfo> found(list);
  Endpoint endpoint;
  endpoint.size = found->ai_addrlen;
  std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
  return endpoint;
}

/// 0, or the error of the attempt.
int wait_until_connected(int fd, Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return ETIMEDOUT;
    pollfd wait{fd, POLLOUT, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(std::min<long long>(left, 1 << 30)));
    if (ready < 0 && errno != EINTR) return errno;
    if (ready <= 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    return error;
  }
}

}  // namespace

FileDescriptor stream_socket(int family) {
  return FileDescriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

Connection connect_tcp(const std::string& address, unsigned port, Milliseconds limit, const SocketMaker& make_socket) {
  const auto endpoint = endpoint_of(address, port);
  if (!endpoint) return refused("'" + address + "' is not a numeric address");
  FileDescriptor fd;
  try {
    fd = make_socket(endpoint.address.ss_family);
  } catch (const Error& error) {
    return refused(error.what());
  }
  if (!fd) return refused(errno);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size) != 0) {
    if (errno != EINPROGRESS) return refused(errno);
    const int error = wait_until_connected(fd.get(), limit);
    if (error == ETIMEDOUT) return refused("no answer within " + std::to_string(limit.count()) + " ms");
    if (error != 0) return refused(error);
  }
  ::fcntl(fd.get(), F_SETFL, 0);
  return {std::move(fd), {}};
}

}  // namespace rescue::access
