// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/trusted_proxies.hpp"

#include "core/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace rescue::http {
namespace {

using Address = std::array<unsigned char, 16>;
constexpr Address mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291, 2.5.5.2
constexpr std::size_t mapped_bytes = 12;
constexpr unsigned byte_bits = 8;

bool is_v4(const Address& address) {
  return std::equal(mapped.begin(), mapped.begin() + mapped_bytes, address.begin());
}

std::optional<Address> address_of(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  auto address = mapped;
  if (::inet_pton(AF_INET, text.c_str(), &address[mapped_bytes]) == 1) return address;
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::string text_of(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = is_v4(address);
  ::inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? &address[mapped_bytes] : address.data(), text.data(), text.size());
  return text.data();
}

/// Everything beyond the first `bits` is 0.
Address first_bits(Address address, unsigned bits) {
  for (unsigned i = 0; i < address.size(); ++i) {
    const auto kept = std::clamp(static_cast<int>(bits) - static_cast<int>(i * byte_bits), 0, 8);
    address.at(i) &= static_cast<unsigned char>(0xff00U >> static_cast<unsigned>(kept));
  }
  return address;
}

/// What stands behind the last comma; `list` is what is before it.
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

/// As RFC 7239 has nodes, which some proxies write into X-Forwarded-For too: 192.0.2.7:51008, [2001:db8::7],
/// "[2001:db8::7]:51008".
std::optional<Address> address_in(std::string_view entry) {
  if (entry.size() >= 2 && entry.front() == '"' && entry.back() == '"') entry = entry.substr(1, entry.size() - 2);
  if (entry.starts_with('[')) {
    const auto close = entry.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const auto inside = entry.substr(1, close - 1);
    const auto rest = entry.substr(close + 1);
    const bool ends_well = rest.empty() || (rest.starts_with(':') && is_port(rest.substr(1)));
    const bool is_v6 = inside.find(':') != std::string_view::npos;
    return ends_well && is_v6 ? address_of(std::string(inside)) : std::nullopt;
  }
  const auto colon = entry.find(':');
  const bool has_port = colon != std::string_view::npos && entry.find(':', colon + 1) == std::string_view::npos;
  if (has_port && !is_port(entry.substr(colon + 1))) return std::nullopt;
  return address_of(std::string(has_port ? entry.substr(0, colon) : entry));
}

}  // namespace

bool TrustedProxies::add(const std::string& network) {
  const auto slash = network.find('/');
  const auto address = address_of(network.substr(0, slash));
  if (!address) return false;
  const bool v4 = network.find(':') == std::string::npos;
  const unsigned before = v4 ? mapped_bytes * byte_bits : 0;
  unsigned bits = 128 - before;
  if (slash != std::string::npos) {
    const auto length = std::string_view(network).substr(slash + 1);
    const auto most = bits;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    if (error != std::errc() || end != length.data() + length.size() || bits == 0 || bits > most) return false;
  }
  const Network added{*address, before + bits};
  if (first_bits(added.address, added.bits) != added.address) return false;
  networks_.push_back(added);
  return true;
}

bool TrustedProxies::hold(const Address& address) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const Network& network) { return first_bits(address, network.bits) == network.address; });
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
  return text_of(client);
}

}  // namespace rescue::http
