// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Decodes text files of Windows, which come in several encodings.

#include "core/utf8.hpp"

#include <string>
#include <string_view>

namespace rescue::windows {

/// UTF-8 of text that is UTF-16 (little or big endian, with a byte order mark, or little endian recognized by zero
/// bytes), UTF-8 with or without a mark, or else Latin-1. Never fails: what is damaged becomes U+FFFD.
[[nodiscard]] std::string utf8_of_windows_text(std::string_view bytes);

using rescue::utf16_of;

}  // namespace rescue::windows
