// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Client address of a request that a load balancer forwarded: only trusted proxies may state it.

#include "core/net/prefix.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::http {

/// Networks whose machines may set X-Forwarded-For.
class TrustedProxies {
public:
  /// Adds "192.0.2.0/24", "2001:db8::/64" or one address. False for anything else, for a network with bits set beyond
  /// its length, and for a network of all addresses.
  [[nodiscard]] bool add(const std::string& network);
  [[nodiscard]] bool empty() const noexcept { return networks_.empty(); }
  /// True if this is the address of a trusted proxy; false for text that is no address.
  [[nodiscard]] bool holds(const std::string& address) const;

  /// Client address of a request that `peer` sent: `peer` itself, unless it is a trusted proxy. Then it is the last
  /// address in `forwarded_for` that is not a trusted proxy's: the client wrote what is before it, and may lie. Accepts
  /// a port behind the address, brackets around IPv6 and quotation marks ("[2001:db8::7]:51008"), as some proxies
  /// write. An entry that is no address ends the search at the proxy that forwarded it.
  [[nodiscard]] std::string client_of(const std::string& peer, std::string_view forwarded_for) const;

  bool operator==(const TrustedProxies&) const = default;

private:
  [[nodiscard]] bool hold(const net::IpAddress& address) const;

  std::vector<net::Prefix> networks_;  ///< IPv4 as ::ffff:192.0.2.0/120
};

}  // namespace rescue::http
