// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// An IPv4 or IPv6 address as a value: the bytes that kernel and sockets exchange, written in one way.

#include <fmt/format.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sockaddr;

namespace rescue::net {

class IpAddress {
public:
  static constexpr std::size_t v4_size = 4;
  static constexpr std::size_t v6_size = 16;

  /// 0.0.0.0.
  IpAddress() = default;

  /// "203.0.113.7" or "2001:db8::7" as inet_pton(3) takes them: four decimal numbers, no zone, no prefix length. Throws
  /// `usage`.
  [[nodiscard]] static IpAddress parse(std::string_view text);
  [[nodiscard]] static std::optional<IpAddress> try_parse(std::string_view text);
  /// In network order. None unless there are 4 or 16 of them.
  [[nodiscard]] static std::optional<IpAddress> of_bytes(std::span<const std::uint8_t> bytes);
  /// Without port and zone. None of another family than AF_INET and AF_INET6.
  [[nodiscard]] static std::optional<IpAddress> of_socket(const sockaddr* address);

  [[nodiscard]] bool is_v4() const noexcept { return !v6_; }
  [[nodiscard]] bool is_v6() const noexcept { return v6_; }
  /// AF_INET or AF_INET6.
  [[nodiscard]] int family() const noexcept;
  /// 32 or 128.
  [[nodiscard]] unsigned bits() const noexcept { return static_cast<unsigned>(bytes().size()) * 8; }
  /// 4 or 16, in network order.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return {bytes_.data(), v6_ ? v6_size : v4_size};
  }
  /// As inet_ntop(3) writes it: "203.0.113.7", "2001:db8::7".
  [[nodiscard]] std::string text() const;

  /// 0.0.0.0 or ::.
  [[nodiscard]] bool is_unspecified() const noexcept { return bytes_ == std::array<std::uint8_t, v6_size>{}; }
  /// 224.0.0.0/4 or ff00::/8.
  [[nodiscard]] bool is_multicast() const noexcept;

  /// IPv4 as IPv6 has it (RFC 4291, 2.5.5.2): ::ffff:203.0.113.7; IPv6 as it is.
  [[nodiscard]] IpAddress mapped() const noexcept;
  /// The opposite: ::ffff:203.0.113.7 as 203.0.113.7.
  [[nodiscard]] IpAddress unmapped() const noexcept;

  /// IPv4 before IPv6, then by number.
  auto operator<=>(const IpAddress&) const = default;

private:
  bool v6_ = false;
  std::array<std::uint8_t, v6_size> bytes_{};  ///< of IPv4 the first four, and zeros
};

/// A host as a URL has it: an IPv6 address, also one with a zone, in brackets; anything else as it is.
[[nodiscard]] std::string host_in_url(const std::string& host);

inline namespace literals {
/// For constants: throws `usage` like `parse`.
[[nodiscard]] inline IpAddress operator""_ip(const char* text, std::size_t length) {
  return IpAddress::parse({text, length});
}
}  // namespace literals

}  // namespace rescue::net

template <>
struct fmt::formatter<rescue::net::IpAddress> : fmt::formatter<std::string_view> {
  auto format(const rescue::net::IpAddress& address, format_context& context) const {
    return fmt::formatter<std::string_view>::format(address.text(), context);
  }
};
