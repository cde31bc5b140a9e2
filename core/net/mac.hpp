// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A MAC address as a value: six bytes, compared as bytes, written in one way.

#include <fmt/format.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rescue::net {

class Mac {
public:
  static constexpr std::size_t size = 6;
  using Bytes = std::array<std::uint8_t, size>;

  /// All zeros, which no network card has.
  Mac() = default;
  explicit Mac(const Bytes& bytes) : bytes_(bytes) {}

  /// "52:54:00:12:34:56", in either case and nothing else. Throws `usage`.
  [[nodiscard]] static Mac parse(std::string_view text);
  [[nodiscard]] static std::optional<Mac> try_parse(std::string_view text);
  /// In every spelling that firmware, switches and people use: 52:54:00:12:34:56, 52-54-..., 52 54 ...,
  /// 5254.0012.3456, 5254-0012-3456, 525400-123456, 525400123456, octets without their leading zeros
  /// (52:54:0:12:34:56), in either case, and PXELINUX's 01-52-54-... (the prefix is the ARP type of Ethernet). None for
  /// anything else, and for longer groups with missing digits.
  [[nodiscard]] static std::optional<Mac> in_any_spelling(std::string_view text);
  /// 0x525400123456; the 16 bits above are left out.
  [[nodiscard]] static Mac of_number(std::uint64_t number);
  /// None unless there are six of them.
  [[nodiscard]] static std::optional<Mac> of_bytes(std::span<const std::uint8_t> bytes);

  [[nodiscard]] const Bytes& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t number() const noexcept;
  /// Canonical: "52:54:00:12:34:56".
  [[nodiscard]] std::string text() const;
  /// Multicast or broadcast.
  [[nodiscard]] bool is_group() const noexcept { return (bytes_[0] & 1U) != 0; }
  [[nodiscard]] bool is_zero() const noexcept { return bytes_ == Bytes{}; }

  auto operator<=>(const Mac&) const = default;

private:
  Bytes bytes_{};
};

inline namespace literals {
/// For constants: throws `usage` like `parse`.
[[nodiscard]] inline Mac operator""_mac(const char* text, std::size_t length) { return Mac::parse({text, length}); }
}  // namespace literals

}  // namespace rescue::net

template <>
struct fmt::formatter<rescue::net::Mac> : fmt::formatter<std::string_view> {
  auto format(const rescue::net::Mac& mac, format_context& context) const {
    return fmt::formatter<std::string_view>::format(mac.text(), context);
  }
};
