// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Boot modes, by a stable name: in the API, in the database, in scripts, and in the operator's catalogue.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rescue::netboot {

/// Lower-case letters, digits and inner hyphens, 32 characters at most: safe in URLs, logs and boot scripts.
class BootMode {
public:
  static const BootMode disk;
  static const BootMode rescue_windows;
  static const BootMode rescue_linux;

  /// None for an invalid name. The catalogue decides whether there is anything to boot for a valid one.
  [[nodiscard]] static constexpr std::optional<BootMode> try_parse(std::string_view text) noexcept {
    return is_name(text) ? std::optional(BootMode(text)) : std::nullopt;
  }

  [[nodiscard]] constexpr std::string_view name() const& noexcept { return {text_.data(), size_}; }
  std::string_view name() const&& = delete;
  bool operator==(const BootMode&) const = default;

private:
  static constexpr std::size_t longest = 32;

  constexpr explicit BootMode(std::string_view text) noexcept : size_(static_cast<std::uint8_t>(text.size())) {
    for (std::size_t i = 0; i < text.size(); ++i) text_[i] = text[i];
  }
  static constexpr bool is_name(std::string_view text) noexcept {
    if (text.empty() || text.size() > longest || text.front() == '-' || text.back() == '-') return false;
    for (const char c : text) {
      if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') return false;
    }
    return true;
  }

  std::array<char, longest> text_{};
  std::uint8_t size_;
};

inline constexpr BootMode BootMode::disk{"disk"};
inline constexpr BootMode BootMode::rescue_windows{"rescue-windows"};
inline constexpr BootMode BootMode::rescue_linux{"rescue-linux"};

}  // namespace rescue::netboot
