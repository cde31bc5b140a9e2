// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Encodes bytes as text, for JSON and key files.

#include <optional>
#include <string>
#include <string_view>

namespace rescue {

/// Encodes by RFC 4648: standard alphabet, with padding.
[[nodiscard]] std::string base64_of(std::string_view bytes);

/// Decodes; none for text that `base64_of` does not write (blanks, missing padding).
[[nodiscard]] std::optional<std::string> bytes_of_base64(std::string_view text);

}  // namespace rescue
