// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/csv.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot::api {
namespace {

bool is_blank(const std::string& cell) { return cell.find_first_not_of(" \t") == std::string::npos; }

class CsvReader {
public:
  explicit CsvReader(std::string_view text) : text_(text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
    separator_ = separator();
  }

  std::vector<CsvRow> rows() {
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      CsvRow row{line_, {}};
      do row.cells.push_back(cell());
      while (take(separator_));
      end_of_line();
      if (!std::all_of(row.cells.begin(), row.cells.end(), is_blank)) rows.push_back(std::move(row));
    }
    return rows;
  }

private:
  /// "sep=;" sets it, as in Excel; else it is the most frequent one in the header.
  char separator() {
    constexpr std::string_view says = "sep=";
    const auto first = text_.find_first_not_of("\r\n");
    const auto header = text_.substr(std::min(first, text_.size()));
    const auto line = header.substr(0, header.find_first_of("\r\n"));
    if (line.size() == says.size() + 1 && line.starts_with(says)) {
      const char told = line.back();
      at_ = std::min(first + line.size(), text_.size());
      end_of_line();
      return told;
    }
    char best = ',';
    std::ptrdiff_t most = 0;
    for (const char candidate : {',', ';', '\t'}) {
      const auto found = std::count(line.begin(), line.end(), candidate);
      if (found > most) best = candidate;
      most = std::max(most, found);
    }
    return best;
  }
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
    const bool ended = take('\r');
    if (!take('\n') && !ended && at_ < text_.size()) fail(line_, "a quoted cell has text behind it");
    ++line_;
  }
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] != separator_ && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  std::string cell() {
    const auto begin = at_;
    skip_blanks();
    if (take('"')) return quoted();
    at_ = begin;
    return plain();
  }
  std::string plain() {
    const std::string ends{separator_, '\r', '\n', '"'};
    const auto end = std::min(text_.find_first_of(ends, at_), text_.size());
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
      if (c == '"' && !take('"')) {
        skip_blanks();
        return cell;
      }
      if (c == '\n') ++line_;
      cell += c;
    }
    fail(began, "a quotation mark is not closed");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  char separator_ = ',';
};

}  // namespace

std::vector<CsvRow> read_csv(std::string_view text) { return CsvReader(text).rows(); }

}  // namespace rescue::netboot::api
