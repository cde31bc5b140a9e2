// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// An IP address with a prefix length: a network, or an address within one.

#include "core/net/ip_address.hpp"

namespace rescue::net {

class Prefix {
public:
  /// 0.0.0.0/0.
  Prefix() = default;
  /// The address alone: /32 or /128.
  explicit Prefix(const IpAddress& address) : address_(address), length_(address.bits()) {}
  /// `length` in bits. Throws `usage` when the address has fewer.
  Prefix(const IpAddress& address, unsigned length);

  /// "203.0.113.0/24", "2001:db8::/64"; an address without a length is alone. Bits behind the length are kept. Throws
  /// `usage`.
  [[nodiscard]] static Prefix parse(std::string_view text);
  [[nodiscard]] static std::optional<Prefix> try_parse(std::string_view text);

  [[nodiscard]] const IpAddress& address() const noexcept { return address_; }
  [[nodiscard]] unsigned length() const noexcept { return length_; }
  [[nodiscard]] bool is_v6() const noexcept { return address_.is_v6(); }
  /// "203.0.113.0/24".
  [[nodiscard]] std::string text() const;

  /// All bits behind the length cleared.
  [[nodiscard]] Prefix network() const;
  /// The last address of the network: all bits behind the length set.
  [[nodiscard]] IpAddress last() const;
  /// False for an address of the other family.
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] bool contains(const Prefix& other) const;

  auto operator<=>(const Prefix&) const = default;

private:
  IpAddress address_;
  unsigned length_ = 0;
};

inline namespace literals {
/// For constants: throws `usage` like `parse`.
[[nodiscard]] inline Prefix operator""_prefix(const char* text, std::size_t length) {
  return Prefix::parse({text, length});
}
}  // namespace literals

}  // namespace rescue::net

template <>
struct fmt::formatter<rescue::net::Prefix> : fmt::formatter<std::string_view> {
  auto format(const rescue::net::Prefix& prefix, format_context& context) const {
    return fmt::formatter<std::string_view>::format(prefix.text(), context);
  }
};
