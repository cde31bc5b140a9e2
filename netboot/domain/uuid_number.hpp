// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// An SMBIOS system UUID as a number: small, for large numbers of lookups.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

struct UuidNumber {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const UuidNumber&) const = default;

  /// Parses text in either case, with or without hyphens and braces. None for anything else.
  [[nodiscard]] static std::optional<UuidNumber> of(std::string_view text);
  /// Canonical: 4c4c4544-0042-3510-8056-b4c04f463132.
  [[nodiscard]] std::string text() const;

  struct Hash {
    std::size_t operator()(const UuidNumber& uuid) const noexcept;
  };
};

}  // namespace rescue::netboot
