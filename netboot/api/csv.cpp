// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/csv.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

namespace rescue::netboot::api {
namespace {

class CsvReader {
public:
  explicit CsvReader(std::string_view text) : text_(text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  }

  std::vector<CsvRow> rows() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      CsvRow row{line_, {}};
      do row.cells.push_back(cell());
      while (take(','));
      end_of_line();
      if (row.cells.size() > 1 || !row.cells.front().empty()) rows.push_back(std::move(row));
    }
    return rows;
  }

private:
  [[nodiscard]] bool take(char wanted) {
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  [[noreturn]] static void fail(int line, const char* problem) {
    throw Error(ErrorCode::usage, fmt::format("request body:{}: {}", line, problem),
                "Write quotation marks inside a cell twice, and the whole cell in quotation marks.");
  }
  void end_of_line() {
    (void)take('\r');
    if (at_ < text_.size() && !take('\n')) fail(line_, "a quoted cell has text behind it");
    ++line_;
  }
  std::string cell() { return take('"') ? quoted() : plain(); }
  std::string plain() {
    const auto end = std::min(text_.find_first_of(",\r\n\"", at_), text_.size());
    std::string cell(text_.substr(at_, end - at_));
    at_ = end;
    if (at_ < text_.size() && text_[at_] == '"') fail(line_, "a quotation mark in a cell that is not quoted");
    return cell;
  }
  std::string quoted() {
    const int began = line_;
    std::string cell;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"' && !take('"')) return cell;
      if (c == '\n') ++line_;
      cell += c;
    }
    fail(began, "a quotation mark is not closed");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<CsvRow> read_csv(std::string_view text) { return CsvReader(text).rows(); }

}  // namespace rescue::netboot::api
