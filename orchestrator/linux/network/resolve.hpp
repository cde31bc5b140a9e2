// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Addresses of a name, from this host's resolver.

#include "core/net/ip_address.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::linux {

/// The name or address in a URL, IPv6 without brackets; empty when it is not a URL.
[[nodiscard]] std::string host_of_url(const std::string& url);

/// All addresses of `host`, a name or an address (IPv6 without brackets): both families, each once, IPv4 in IPv6 as
/// IPv4. Blocks as long as the resolver. Throws `network` with a hint when there is none.
[[nodiscard]] std::vector<net::IpAddress> addresses_of_host(const std::string& host);

/// An IP address in any form of getaddrinfo: without a zone, IPv4 in IPv6 as IPv4; none for anything else. Uses no
/// resolver.
[[nodiscard]] std::optional<net::IpAddress> address_in_any_form(const std::string& text);

}  // namespace rescue::linux
