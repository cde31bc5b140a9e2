// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// SHA-256 of bytes in memory, as text.

#include <string>
#include <string_view>

namespace rescue {

/// 64 hex digits in lower case.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace rescue
