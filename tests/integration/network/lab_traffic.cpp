// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/namespace.hpp"
#include "tests/integration/network/lab.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace rescue::linux::lab {
namespace {

bool readable(const FileDescriptor& fd, int milliseconds) {
  pollfd wait{fd.get(), POLLIN, 0};
  return ::poll(&wait, 1, milliseconds) > 0;
}

bool passes(const FileDescriptor& from, const FileDescriptor& to) {
  if (::send(from.get(), "x", 1, MSG_NOSIGNAL) != 1) return false;
  char byte = 0;
  return readable(to, 2000) && ::read(to.get(), &byte, 1) == 1 && byte == 'x';
}

}  // namespace

FileDescriptor listen_in(const std::string& space, const std::string& address, unsigned port) {
  FileDescriptor listener;
  inside(space, [&] {
    const auto own = ip_address(address);
    listener = FileDescriptor(::socket(own.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<uint16_t>(port));
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = v4.sin_port;
    std::memcpy(own.is_v4() ? static_cast<void*>(&v4.sin_addr) : static_cast<void*>(&v6.sin6_addr), own.bytes().data(),
                own.bytes().size());
    const auto* socket_address = own.is_v4() ? reinterpret_cast<sockaddr*>(&v4) : reinterpret_cast<sockaddr*>(&v6);
    ASSERT_EQ(::bind(listener.get(), socket_address, own.is_v4() ? sizeof v4 : sizeof v6), 0)
        << address << " " << std::strerror(errno);
    ASSERT_EQ(::listen(listener.get(), 16), 0);
  });
  return listener;
}

FileDescriptor connect_from(const std::string& space, const std::string& address, unsigned port) {
  auto connection = connect_in_namespace(path_of(space), address, port, Milliseconds(3000));
  EXPECT_TRUE(connection.fd) << space << " -> " << address << ":" << port << ": " << connection.problem;
  return std::move(connection.fd);
}

FileDescriptor accept_from(const FileDescriptor& listener) {
  if (!readable(listener, 1000)) return {};
  return FileDescriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

bool reaches(const std::string& space, const std::string& address, unsigned port, const FileDescriptor& listener) {
  const auto connection = connect_in_namespace(path_of(space), address, port, Milliseconds(3000));
  if (!connection.fd) return false;
  const auto arrived = accept_from(listener);
  return arrived && carries(connection.fd, arrived);
}

bool carries(const FileDescriptor& one, const FileDescriptor& other) {
  return passes(one, other) && passes(other, one);
}

FileDescriptor packet_socket(const std::string& space, const std::string& link) {
  FileDescriptor socket;
  inside(space, [&] {
    // Protocol 0: with a protocol it would receive from all links, its own frames too, until it is bound (packet(7)).
    socket = FileDescriptor(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    const int ignore_outgoing = 1;
    ASSERT_EQ(::setsockopt(socket.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &ignore_outgoing, sizeof ignore_outgoing),
              0);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(::if_nametoindex(link.c_str()));
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  });
  return socket;
}

std::vector<std::string> frames_at(const FileDescriptor& socket, int quiet) {
  std::vector<std::string> frames;
  std::array<char, 70'000> frame{};
  while (readable(socket, quiet)) {
    const auto size = ::read(socket.get(), frame.data(), frame.size());
    if (size > 0) frames.emplace_back(frame.data(), static_cast<std::size_t>(size));
  }
  return frames;
}

void send_frame(const FileDescriptor& socket, const std::string& bytes) {
  ASSERT_EQ(::send(socket.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
}

}  // namespace rescue::linux::lab
