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

/// Rows with the cells between commas, semicolons or tabs, whichever the first line has most of ("sep=;" before it says
/// so, too). Quoted cells may hold separators, quotes ("") and line ends, which are CRLF, LF or CR. Rows without
/// anything in them are left out, as is a byte order mark. Throws `usage` with the line of a quotation mark that is not
/// closed, or has text around it.
[[nodiscard]] std::vector<CsvRow> read_csv(std::string_view text);

}  // namespace rescue::netboot::api
