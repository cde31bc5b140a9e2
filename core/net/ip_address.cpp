// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/net/ip_address.hpp"

#include "core/error.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

namespace rescue::net {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::try_parse(std::string_view text) {
  // The terminated copy that C needs; an address with a NUL in it would end there.
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated.begin());
  IpAddress address;
  if (::inet_pton(AF_INET, terminated.data(), address.bytes_.data()) == 1) return address;
  address.v6_ = true;
  if (::inet_pton(AF_INET6, terminated.data(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

IpAddress IpAddress::parse(std::string_view text) {
  if (const auto address = try_parse(text)) return *address;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not an IP address", text),
              "Write it as 203.0.113.7 or 2001:db8::7, without a prefix length.");
}

std::optional<IpAddress> IpAddress::of_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != v4_size && bytes.size() != v6_size) return std::nullopt;
  IpAddress address;
  address.v6_ = bytes.size() == v6_size;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

std::optional<IpAddress> IpAddress::of_socket(const sockaddr* address) {
  const auto of = [](const auto& bytes) {
    return of_bytes({reinterpret_cast<const std::uint8_t*>(&bytes), sizeof bytes});
  };
  if (address->sa_family == AF_INET) return of(reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
  if (address->sa_family == AF_INET6) return of(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  return std::nullopt;
}

int IpAddress::family() const noexcept { return v6_ ? AF_INET6 : AF_INET; }

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family(), bytes_.data(), text.data(), text.size());
  return text.data();
}

bool IpAddress::is_multicast() const noexcept { return v6_ ? bytes_[0] == 0xff : (bytes_[0] & 0xf0U) == 0xe0; }

IpAddress IpAddress::mapped() const noexcept {
  if (v6_) return *this;
  IpAddress address;
  address.v6_ = true;
  const auto end = std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes_.begin());
  std::copy_n(bytes_.begin(), v4_size, end);
  return address;
}

IpAddress IpAddress::unmapped() const noexcept {
  if (!v6_ || !std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin())) return *this;
  IpAddress address;
  std::copy_n(bytes_.begin() + mapped_prefix.size(), v4_size, address.bytes_.begin());
  return address;
}

std::string host_in_url(const std::string& host) {
  const auto address = IpAddress::try_parse(std::string_view(host).substr(0, host.find('%')));
  return address && address->is_v6() ? "[" + host + "]" : host;
}

}  // namespace rescue::net
