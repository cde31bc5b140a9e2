// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "orchestrator/linux/network/netlink.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace rescue::linux {

IpPrefix IpPrefix::parse(const std::string& text) {
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  IpPrefix prefix;
  prefix.family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  prefix.bytes.resize(prefix.family == AF_INET ? 4 : 16);
  prefix.length = static_cast<unsigned>(prefix.bytes.size() * 8);
  bool good = ::inet_pton(prefix.family, address.c_str(), prefix.bytes.data()) == 1;
  if (slash != std::string::npos) {
    const auto longest = prefix.length;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + slash + 1, end, prefix.length);
    good = good && read.ec == std::errc{} && read.ptr == end && prefix.length <= longest;
  }
  if (!good) throw Error(ErrorCode::network, fmt::format("'{}' is not an IP address", text));
  return prefix;
}

std::string IpPrefix::address() const {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(family, bytes.data(), text, sizeof text);
  return text;
}

IpPrefix IpPrefix::network() const {
  IpPrefix masked = *this;
  for (unsigned bit = length; bit < masked.bytes.size() * 8; ++bit) {
    masked.bytes[bit / 8] = static_cast<uint8_t>(masked.bytes[bit / 8] & ~(0x80U >> (bit % 8)));
  }
  return masked;
}

bool IpPrefix::contains(const IpPrefix& other) const {
  if (family != other.family || other.length < length) return false;
  return network().bytes == IpPrefix{family, length, other.bytes}.network().bytes;
}

std::string mac_text(std::span<const uint8_t> bytes) { return fmt::format("{:02x}", fmt::join(bytes, ":")); }

std::vector<uint8_t> mac_bytes(const std::string& text) {
  std::vector<uint8_t> bytes;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    uint8_t byte = 0;
    const auto read = std::from_chars(at, end, byte, 16);
    if (read.ec != std::errc{} || read.ptr != at + 2) break;
    bytes.push_back(byte);
    at = read.ptr;
    if (at < end && *at++ != ':') bytes.clear();
  }
  if (bytes.size() != 6 || text.size() != 17) {
    throw Error(ErrorCode::network, fmt::format("'{}' is not a MAC address", text));
  }
  return bytes;
}

}  // namespace rescue::linux
