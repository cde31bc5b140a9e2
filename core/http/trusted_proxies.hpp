// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who a request comes from that a load balancer has passed on: the balancer's word counts, that of others does not.

#include "core/net/prefix.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rescue::http {

/// Networks whose machines are believed what they say in X-Forwarded-For.
class TrustedProxies {
public:
  /// Takes "192.0.2.0/24", "2001:db8::/64" or one address. False for anything else, for a network with bits set beyond
  /// its length, and for one that is everybody.
  [[nodiscard]] bool add(const std::string& network);
  [[nodiscard]] bool empty() const noexcept { return networks_.empty(); }
  /// Whether this is a trusted proxy's address; false for what is no address.
  [[nodiscard]] bool holds(const std::string& address) const;

  /// The client's address, of a request that `peer` has sent: `peer` itself, but for a trusted proxy. Then the last
  /// address in `forwarded_for` that is no trusted proxy's: what stands before it was written by whoever has that, and
  /// may be a lie. Some proxies write the port behind the address, brackets around IPv6, quotation marks around all of
  /// it
  /// ("[2001:db8::7]:51008"). What is no address ends the search at the proxy that passed it on.
  [[nodiscard]] std::string client_of(const std::string& peer, std::string_view forwarded_for) const;

  bool operator==(const TrustedProxies&) const = default;

private:
  [[nodiscard]] bool hold(const net::IpAddress& address) const;

  std::vector<net::Prefix> networks_;  ///< IPv4 as ::ffff:192.0.2.0/120
};

}  // namespace rescue::http
