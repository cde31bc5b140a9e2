// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/table.hpp"

#include "core/printable.hpp"

#include <algorithm>

namespace rescue::netboot::cli {

namespace {

constexpr std::size_t longest_cell = 4096;

}  // namespace

std::string shown(const std::string& text) { return printable(text, longest_cell); }

std::string table(std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows) std::transform(row.begin(), row.end(), row.begin(), shown);
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
