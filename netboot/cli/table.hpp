// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Formats aligned columns for people.

#include <string>
#include <vector>

namespace rescue::netboot::cli {

/// Makes text of a server safe for a terminal: one line, without control characters.
[[nodiscard]] std::string shown(const std::string& text);

/// Formats a table. The first row is the heading. Cells are `shown`, empty ones as '-'; no blanks at the ends of lines.
[[nodiscard]] std::string table(std::vector<std::vector<std::string>> rows);

}  // namespace rescue::netboot::cli
