// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The addresses behind a name, as this host's resolver knows them.

#include "core/net/ip_address.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::linux {

/// The name or address in a URL, IPv6 without its brackets; empty when it is no URL.
[[nodiscard]] std::string host_of_url(const std::string& url);

/// All addresses of `host`, a name or an address (IPv6 without brackets), both families, each once, IPv4 in IPv6 as
/// IPv4. Blocks for as long as the resolver does. Throws `network` with a remedy when there is none.
[[nodiscard]] std::vector<net::IpAddress> addresses_of_host(const std::string& host);

/// An IP address in any form that getaddrinfo understands: without a zone, IPv4 in IPv6 as IPv4; none for anything
/// else. Asks nobody.
[[nodiscard]] std::optional<net::IpAddress> address_in_any_form(const std::string& text);

}  // namespace rescue::linux
