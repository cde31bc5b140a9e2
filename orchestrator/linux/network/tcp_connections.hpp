// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// TCP connections of the host at the switch, such as an operator's SSH login or a download: they must survive it.

#include "core/net/ip_address.hpp"

#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rescue::linux {

struct TcpConnection {
  net::IpAddress local_address;
  uint16_t local_port = 0;
  net::IpAddress remote_address;
  uint16_t remote_port = 0;

  [[nodiscard]] bool is_v6() const { return local_address.is_v6(); }
  friend auto operator<=>(const TcpConnection&, const TcpConnection&) = default;
};

/// Reads the text of /proc/net/tcp or tcp6. Skips listeners and TIME_WAIT; IPv4 over an IPv6 socket (::ffff:a.b.c.d)
/// counts as IPv4.
[[nodiscard]] std::vector<TcpConnection> parse_tcp_table(std::string_view text);

/// Connections in this thread's namespace with a local address in `addresses`, sorted, each once.
[[nodiscard]] std::vector<TcpConnection> tcp_connections_of(const std::vector<net::IpAddress>& addresses);

}  // namespace rescue::linux
