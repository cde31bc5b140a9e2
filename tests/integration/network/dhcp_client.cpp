// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/network/dhcp_client.hpp"

#include "core/net/ip_address.hpp"
#include "core/net/mac.hpp"
#include "tests/integration/network/frames.hpp"
#include "tests/integration/network/lab.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace rescue::linux::lab {
namespace {

constexpr std::size_t fixed_part = 240;
constexpr std::size_t boot_file_at = 108;

std::string text_of(const std::string& bytes) {
  const auto address = net::IpAddress::of_bytes({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  return address.value_or(net::IpAddress()).text();
}

DhcpAnswer answer_of(const std::string& message) {
  DhcpAnswer answer;
  answer.address = text_of(message.substr(16, 4));
  answer.boot_file = message.substr(boot_file_at, message.find('\0', boot_file_at) - boot_file_at);
  for (std::size_t at = fixed_part; at + 1 < message.size() && message[at] != '\xff';) {
    const auto size = static_cast<unsigned char>(message[at + 1]);
    answer.options[static_cast<unsigned char>(message[at])] = message.substr(at + 2, size);
    at += 2U + size;
  }
  answer.type = answer.options.contains(53) ? answer.options[53].at(0) : 0;
  return answer;
}

}  // namespace

std::string DhcpAnswer::address_in(int option) const {
  const auto found = options.find(option);
  return found == options.end() || found->second.size() < 4 ? "" : text_of(found->second.substr(0, 4));
}

DhcpClient::DhcpClient(const std::string& space, const std::string& link, std::string mac) : mac_(std::move(mac)) {
  inside(space, [&] {
    socket_ = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_BINDTODEVICE, link.c_str(), static_cast<socklen_t>(link.size() + 1));
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(68);
    ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&own), sizeof own), 0) << std::strerror(errno);
  });
}

std::string DhcpClient::message(char type, const std::string& options, const std::string& own_address) const {
  std::string bytes(fixed_part, '\0');
  bytes[0] = 1;  // request
  bytes[1] = 1;  // Ethernet
  bytes[2] = 6;
  bytes.replace(4, 4, "resc");
  // No broadcast flag: before the link has an address this socket gets no unicast, so the server must broadcast anyway.
  if (!own_address.empty()) bytes.replace(12, 4, raw(own_address));
  const auto mac = net::Mac::parse(mac_);
  bytes.replace(28, 6, std::string(mac.bytes().begin(), mac.bytes().end()));
  bytes.replace(236, 4, "\x63\x82\x53\x63");
  bytes += std::string("\x35\x01") + type + options;
  bytes += std::string("\x37\x06\x01\x03\x06\x1a\x79\x33\xff", 9);  // asks for netmask, router, DNS, MTU, routes, time
  bytes.resize(std::max<std::size_t>(bytes.size(), 300), '\0');
  return bytes;
}

void DhcpClient::send(const std::string& message, const std::string& to) {
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(67);
  std::memcpy(&server.sin_addr, raw(to).data(), 4);
  ASSERT_EQ(
      ::sendto(socket_.get(), message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&server), sizeof server),
      static_cast<ssize_t>(message.size()))
      << std::strerror(errno);
}

std::optional<DhcpAnswer> DhcpClient::receive(int type) {
  std::array<char, 2000> buffer{};
  pollfd wait{socket_.get(), POLLIN, 0};
  while (::poll(&wait, 1, 2000) > 0) {
    const auto size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < static_cast<ssize_t>(fixed_part)) continue;
    auto answer = answer_of({buffer.data(), static_cast<std::size_t>(size)});
    if (answer.type == type) return answer;
  }
  return std::nullopt;
}

std::optional<DhcpAnswer> DhcpClient::lease() {
  send(message(1, "", ""), "255.255.255.255");
  const auto offer = receive(2);
  if (!offer) return std::nullopt;
  send(message(3, "\x32\x04" + raw(offer->address) + "\x36\x04" + offer->options.at(54), ""), "255.255.255.255");
  return receive(5);
}

std::optional<DhcpAnswer> DhcpClient::renew(const DhcpAnswer& held) {
  send(message(3, "", held.address), held.server());
  return receive(5);
}

}  // namespace rescue::linux::lab
