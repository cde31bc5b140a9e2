// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/tcp_connections.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>

namespace rescue::linux {
namespace {

// include/net/tcp_states.h of the kernel, not exported to programs.
constexpr unsigned state_time_wait = 6;
constexpr unsigned state_close = 7;
constexpr unsigned state_listen = 10;

template <class Number>
std::optional<Number> hexadecimal(std::string_view text) {
  Number value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Endpoint {
  net::IpAddress address;
  uint16_t port = 0;
};

/// "0771CB0B:0016": the address as integers of this machine, then the port.
std::optional<Endpoint> endpoint_of(std::string_view text) {
  const auto colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  std::array<uint8_t, net::IpAddress::v6_size> bytes{};
  for (std::size_t at = 0; at < colon; at += 8) {
    const auto word = hexadecimal<uint32_t>(text.substr(at, 8));
    if (!word) return std::nullopt;
    std::memcpy(&bytes[at / 2], &*word, sizeof *word);
  }
  const auto address = net::IpAddress::of_bytes({bytes.data(), colon / 2});
  const auto port = hexadecimal<uint16_t>(text.substr(colon + 1));
  if (!address || !port) return std::nullopt;
  return Endpoint{address->unmapped(), *port};
}

std::optional<TcpConnection> connection_of(const std::string& line) {
  std::istringstream fields(line);
  std::string slot;
  std::string local;
  std::string remote;
  std::string state_text;
  fields >> slot >> local >> remote >> state_text;
  const auto from = endpoint_of(local);
  const auto to = endpoint_of(remote);
  const auto state = hexadecimal<unsigned>(state_text);
  if (!from || !to || !state) return std::nullopt;
  if (*state == state_listen || *state == state_time_wait || *state == state_close) return std::nullopt;
  return TcpConnection{from->address, from->port, to->address, to->port};
}

void add_table(const char* path, std::vector<TcpConnection>& into) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto found = parse_tcp_table(text);
  std::move(found.begin(), found.end(), std::back_inserter(into));
}

}  // namespace

std::vector<TcpConnection> parse_tcp_table(std::string_view text) {
  std::vector<TcpConnection> connections;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (auto connection = connection_of(line)) connections.push_back(*std::move(connection));
  }
  return connections;
}

std::vector<TcpConnection> tcp_connections_of(const std::vector<net::IpAddress>& addresses) {
  std::vector<TcpConnection> connections;
  // The thread's files, not the process': only these show the thread's namespace.
  add_table("/proc/thread-self/net/tcp", connections);
  add_table("/proc/thread-self/net/tcp6", connections);
  std::erase_if(connections, [&](const TcpConnection& connection) {
    return std::find(addresses.begin(), addresses.end(), connection.local_address) == addresses.end();
  });
  std::sort(connections.begin(), connections.end());
  connections.erase(std::unique(connections.begin(), connections.end()), connections.end());
  return connections;
}

}  // namespace rescue::linux
