// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/table.hpp"

#include <algorithm>

namespace rescue::netboot::cli {

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 1);
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto cell = row[i].empty() ? std::string("-") : row[i];
      const bool last = i + 1 == row.size();
      text += cell + (last ? std::string("\n") : std::string(widths[i] - cell.size() + 2, ' '));
    }
  }
  return text;
}

}  // namespace rescue::netboot::cli
