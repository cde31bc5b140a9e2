// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Aligned columns for people.

#include <string>
#include <vector>

namespace rescue::netboot::cli {

/// The first row is the heading. Empty cells are shown as '-'; no blanks at the ends of lines.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace rescue::netboot::cli
