// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The host's TCP connections at the moment of the switch: an operator's SSH login, a download; they must live on.

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

/// Reads the text of /proc/net/tcp or tcp6. Listeners and what is only waiting out its time are left out; IPv4 over
/// an IPv6 socket (::ffff:a.b.c.d) counts as IPv4.
[[nodiscard]] std::vector<TcpConnection> parse_tcp_table(std::string_view text);

/// The connections of this thread's namespace whose local address is one of `addresses`, sorted, each once.
[[nodiscard]] std::vector<TcpConnection> tcp_connections_of(const std::vector<net::IpAddress>& addresses);

}  // namespace rescue::linux
