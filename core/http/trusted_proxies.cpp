// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/trusted_proxies.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace rescue::http {
namespace {

/// IPv4 as IPv6 has it: a peer may show either.
std::optional<net::IpAddress> address_of(std::string_view text) {
  const auto address = net::IpAddress::try_parse(text);
  return address ? std::optional(address->mapped()) : std::nullopt;
}

/// Removes and returns the element behind the last comma of `list`.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return trimmed_view(last);
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

/// Strips port, brackets and quotes: some proxies write nodes of RFC 7239 into X-Forwarded-For: 192.0.2.7:51008,
/// [2001:db8::7], "[2001:db8::7]:51008".
std::optional<net::IpAddress> address_in(std::string_view entry) {
  if (entry.size() >= 2 && entry.front() == '"' && entry.back() == '"') entry = entry.substr(1, entry.size() - 2);
  if (entry.starts_with('[')) {
    const auto close = entry.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const auto inside = entry.substr(1, close - 1);
    const auto rest = entry.substr(close + 1);
    const bool ends_well = rest.empty() || (rest.starts_with(':') && is_port(rest.substr(1)));
    const auto address = net::IpAddress::try_parse(inside);
    return ends_well && address && address->is_v6() ? address : std::nullopt;
  }
  const auto colon = entry.find(':');
  const bool has_port = colon != std::string_view::npos && entry.find(':', colon + 1) == std::string_view::npos;
  if (has_port && !is_port(entry.substr(colon + 1))) return std::nullopt;
  return address_of(has_port ? entry.substr(0, colon) : entry);
}

}  // namespace

bool TrustedProxies::add(const std::string& network) {
  const auto prefix = net::Prefix::try_parse(network);
  if (!prefix || prefix->length() == 0) return false;
  const auto address = prefix->address().mapped();
  const net::Prefix added(address, address.bits() - prefix->address().bits() + prefix->length());
  if (added.network() != added) return false;
  networks_.push_back(added);
  return true;
}

bool TrustedProxies::hold(const net::IpAddress& address) const {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const net::Prefix& network) { return network.contains(address); });
}

bool TrustedProxies::holds(const std::string& address) const {
  const auto parsed = address_of(address);
  return parsed && hold(*parsed);
}

std::string TrustedProxies::client_of(const std::string& peer, std::string_view forwarded_for) const {
  const auto sender = address_of(peer);
  if (!sender || !hold(*sender)) return peer;
  auto client = *sender;
  while (hold(client) && !forwarded_for.empty()) {
    const auto before = address_in(take_last(forwarded_for));
    if (!before) break;
    client = *before;
  }
  return client.unmapped().text();
}

}  // namespace rescue::http
