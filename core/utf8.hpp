// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Checks for UTF-8, as other bytes are refused where they come in (databases and JSON accept nothing else), and the
// conversion to UTF-16.

#include <cstddef>
#include <string>
#include <string_view>

namespace rescue {

/// Number of bytes at the front that are whole characters of UTF-8 (RFC 3629: shortest forms, no surrogates).
[[nodiscard]] std::size_t utf8_prefix(std::string_view bytes) noexcept;

[[nodiscard]] inline bool is_utf8(std::string_view bytes) noexcept { return utf8_prefix(bytes) == bytes.size(); }

/// UTF-16 in little endian, without a byte order mark, for files that Windows reads; ends before the first byte that is
/// not UTF-8.
[[nodiscard]] std::string utf16_of(std::string_view utf8);

/// UTF-8 of UTF-16 in little endian, up to the first zero or the last whole unit; half a surrogate pair becomes '?'.
[[nodiscard]] std::string utf8_of_utf16(std::string_view utf16);

}  // namespace rescue
