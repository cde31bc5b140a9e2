// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/net/prefix.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <charconv>

namespace rescue::net {
namespace {

/// `address` with every bit behind `length` cleared or set.
IpAddress with_host_bits(const IpAddress& address, unsigned length, bool set) {
  std::array<std::uint8_t, IpAddress::v6_size> bytes{};
  const auto before = address.bytes();
  for (unsigned at = 0; at < before.size(); ++at) {
    const unsigned kept = length <= at * 8 ? 0U : std::min(length - at * 8, 8U);
    const unsigned host = 0xffU >> kept;
    bytes.at(at) = static_cast<std::uint8_t>(set ? before[at] | host : before[at] & ~host);
  }
  return IpAddress::of_bytes({bytes.data(), before.size()}).value_or(address);
}

}  // namespace

Prefix::Prefix(const IpAddress& address, unsigned length) : address_(address), length_(length) {
  if (length <= address.bits()) return;
  throw Error(ErrorCode::usage, fmt::format("{} has {} bits, not {}", address, address.bits(), length));
}

std::optional<Prefix> Prefix::try_parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::try_parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return Prefix(*address);
  unsigned length = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + slash + 1, end, length);
  if (read.ec != std::errc{} || read.ptr != end || length > address->bits()) return std::nullopt;
  return Prefix(*address, length);
}

Prefix Prefix::parse(std::string_view text) {
  if (const auto prefix = try_parse(text)) return *prefix;
  throw Error(ErrorCode::usage, fmt::format("'{}' is not an IP address or network", text),
              "Write it as 203.0.113.0/24 or 2001:db8::/64.");
}

std::string Prefix::text() const { return fmt::format("{}/{}", address_, length_); }

Prefix Prefix::network() const { return {with_host_bits(address_, length_, false), length_}; }

IpAddress Prefix::last() const { return with_host_bits(address_, length_, true); }

bool Prefix::contains(const IpAddress& address) const { return contains(Prefix(address)); }

bool Prefix::contains(const Prefix& other) const {
  if (is_v6() != other.is_v6() || other.length_ < length_) return false;
  return network() == Prefix(other.address_, length_).network();
}

}  // namespace rescue::net
