// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bytes as text, for JSON and key files.

#include <optional>
#include <string>
#include <string_view>

namespace rescue {

/// RFC 4648, the standard alphabet, with padding.
[[nodiscard]] std::string base64_of(std::string_view bytes);

/// The inverse; none for anything that `base64_of` would not have written (blanks, missing padding).
[[nodiscard]] std::optional<std::string> bytes_of_base64(std::string_view text);

}  // namespace rescue
