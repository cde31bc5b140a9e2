// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small things that the standard library has no word for; ASCII, whatever the locale.

#include <string>
#include <string_view>

namespace rescue {

/// "Web-01" -> "web-01"; bytes beyond ASCII stay as they are.
[[nodiscard]] std::string lower_case(std::string text);

/// Without `blanks` at both ends; as long as `text` lives.
[[nodiscard]] std::string_view trimmed_view(std::string_view text, std::string_view blanks = " \t");

/// Without `blanks` at both ends.
[[nodiscard]] std::string trimmed(std::string_view text, std::string_view blanks = " \t\r\n");

}  // namespace rescue
