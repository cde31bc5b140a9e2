// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether bytes are text: what is not UTF-8 is refused where it comes in, since databases and JSON take nothing else.

#include <cstddef>
#include <string_view>

namespace rescue {

/// So many bytes at the front are whole characters of UTF-8 (RFC 3629: the shortest forms, no surrogates).
[[nodiscard]] std::size_t utf8_prefix(std::string_view bytes) noexcept;

[[nodiscard]] inline bool is_utf8(std::string_view bytes) noexcept { return utf8_prefix(bytes) == bytes.size(); }

}  // namespace rescue
