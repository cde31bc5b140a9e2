// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// CSV as spreadsheets write it (RFC 4180), with the line that each row begins on.

#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot::api {

struct CsvRow {
  int line = 0;  ///< from 1
  std::vector<std::string> cells;
};

/// Reads rows of cells. The separator is the comma, semicolon or tab that is most frequent in the first line, or the
/// one in "sep=;" before it. Quoted cells may hold separators, quotes ("") and line ends, which are CRLF, LF or CR.
/// Skips empty rows and a byte order mark. Throws `usage` with the line of a quotation mark that is not closed, or has
/// text around it.
[[nodiscard]] std::vector<CsvRow> read_csv(std::string_view text);

}  // namespace rescue::netboot::api
