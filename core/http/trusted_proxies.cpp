// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/trusted_proxies.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
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

std::string_view trimmed(std::string_view text) {
  constexpr auto blanks = " \t";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// What stands behind the last comma; `list` is what is before it.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return trimmed(last);
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

std::string TrustedProxies::client_of(const std::string& peer, std::string_view forwarded_for) const {
  const auto sender = address_of(peer);
  if (!sender || !hold(*sender)) return peer;
  auto client = *sender;
  while (hold(client) && !forwarded_for.empty()) {
    const auto before = address_of(std::string(take_last(forwarded_for)));
    if (!before) break;
    client = *before;
  }
  return text_of(client);
}

}  // namespace rescue::http
