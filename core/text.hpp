// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text functions that the standard library lacks; ASCII, in any locale.

#include <string>
#include <string_view>

namespace rescue {

/// Lower case: "Web-01" -> "web-01"; bytes beyond ASCII stay as they are.
[[nodiscard]] std::string lower_case(std::string text);

/// Trims `blanks` at both ends; a view into `text`.
[[nodiscard]] std::string_view trimmed_view(std::string_view text, std::string_view blanks = " \t");

/// Trims `blanks` at both ends.
[[nodiscard]] std::string trimmed(std::string_view text, std::string_view blanks = " \t\r\n");

}  // namespace rescue
