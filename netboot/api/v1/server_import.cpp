// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/api/v1/server_import.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"
#include "netboot/api/body.hpp"
#include "netboot/api/v1/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <set>

namespace rescue::netboot::api {
namespace {

using nlohmann::json;

constexpr std::size_t most_rows = 100'000;
constexpr std::size_t most_errors = 100;
constexpr auto source = "request body";

constexpr std::array<std::string_view, 9> columns{"name", "macs",   "firmware", "address", "loader",
                                                  "uuid", "serial", "tags",     "notes"};
constexpr std::string_view bmc_prefix = "bmc_";
constexpr std::size_t longest_shown = 60;

/// "Text/CSV; charset=utf-8" -> "text/csv".
std::string media_type(const std::string& type) { return lower_case(trimmed(type.substr(0, type.find(';')))); }

/// The charset in the type; empty: none.
std::string charset_of(const std::string& type) {
  for (auto at = type.find(';'); at != std::string::npos;) {
    const auto end = type.find(';', at + 1);
    const auto parameter = lower_case(trimmed(std::string_view(type).substr(at + 1, end - at - 1)));
    at = end;
    constexpr std::string_view name = "charset=";
    if (!parameter.starts_with(name)) continue;
    auto charset = parameter.substr(name.size());
    std::erase(charset, '"');
    return charset;
  }
  return {};
}

void require_utf8_charset(const std::string& type) {
  const auto charset = charset_of(type);
  if (charset.empty() || charset == "utf-8" || charset == "utf8" || charset == "us-ascii") return;
  throw Error(ErrorCode::usage,
              fmt::format("{}: is in {}, as its Content-Type says, and must be in UTF-8", source, charset),
              "Send it in UTF-8; in a spreadsheet save it as 'CSV UTF-8'.");
}

/// Splits the values in a cell.
std::vector<std::string> words_of(std::string_view cell, const char* separators) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < cell.size();) {
    const auto end = std::min(cell.find_first_of(separators, at), cell.size());
    if (end > at) words.push_back(trimmed(cell.substr(at, end - at)));
    at = end + 1;
  }
  std::erase(words, "");
  return words;
}

constexpr auto separators_of_lists = ";,|\t\r\n";
constexpr auto separators_or_blanks = " ;,|\t\r\n";

/// Blanks separate addresses, or bytes in one: 00 12 37 F9 5B 7C.
std::vector<std::string> macs_of(std::string_view cell) {
  std::vector<std::string> macs;
  for (auto& word : words_of(cell, separators_of_lists)) {
    if (MacAddress::try_parse(word)) {
      macs.push_back(std::move(word));
    } else {
      for (auto& part : words_of(word, separators_or_blanks)) macs.push_back(std::move(part));
    }
  }
  return macs;
}

json number_or_text(const std::string& cell) {
  long long number = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  return error == std::errc() && end == cell.data() + cell.size() ? json(number) : json(cell);
}

void require_header(const CsvRow& header) {
  std::set<std::string> seen;
  for (const auto& name : header.cells) {
    if (name.empty()) continue;  // spreadsheets keep empty columns
    const bool known = std::find(columns.begin(), columns.end(), name) != columns.end() || name.starts_with(bmc_prefix);
    if (!known) {
      throw Error(
          ErrorCode::usage, fmt::format("{}:{}: '{}' is not a known column", source, header.line, name),
          fmt::format("Known here: {}, and those of a BMC as bmc_address and so on.", fmt::join(columns, ", ")));
    }
    if (!seen.insert(name).second) {
      throw Error(ErrorCode::usage, fmt::format("{}:{}: the column {} is given twice", source, header.line, name));
    }
  }
}

/// A row as the JSON of a server, without empty cells.
json server_of(const CsvRow& header, const CsvRow& row) {
  auto server = json::object();
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const auto cell = trimmed(row.cells[i]);
    if (cell.empty()) continue;
    const auto name = i < header.cells.size() ? header.cells[i] : std::string{};
    if (name.empty()) {
      throw Error(
          ErrorCode::usage,
          fmt::format("{}:{}: '{}' stands in column {}, which has no name in the header", source, row.line,
                      printable(cell, longest_shown), i + 1),
          "Each column with something in it is named in the first line; a cell with a separator in it is quoted.");
    }
    if (name == "macs") {
      server[name] = macs_of(cell);
    } else if (name == "tags") {
      server[name] = words_of(cell, separators_or_blanks);
    } else if (name.starts_with(bmc_prefix)) {
      const auto member = name.substr(bmc_prefix.size());
      const bool is_number = member == "port" || member == "cipher_suite";
      server["bmc"][member] = member == "password" ? json(row.cells[i]) : is_number ? number_or_text(cell) : json(cell);
    } else {
      server[name] = cell;
    }
  }
  return server;
}

Document document_of_csv(const std::string& body) {
  auto rows = read_csv(body);
  if (rows.empty()) throw Error(ErrorCode::usage, "the CSV has no header", "Its first line names the columns.");
  for (auto& name : rows.front().cells) name = lower_case(trimmed(name));
  require_header(rows.front());
  auto servers = json::array();
  std::vector<int> lines;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    servers.push_back(server_of(rows.front(), rows[i]));
    lines.push_back(rows[i].line);
  }
  return Document::from_value(source, std::move(servers), [lines](const std::string& path) {
    std::size_t index = 0;
    if (path.size() > 1) (void)std::from_chars(path.data() + 1, path.data() + path.size(), index);
    return index < lines.size() ? lines[index] : 0;
  });
}

/// "request body:12: [3].macs[1]: 'x' is not ..." -> "macs[1]" and "'x' is not ...".
std::pair<std::string, std::string> field_and_detail(const std::string& message, const std::string& row_path) {
  const auto path = message.find(": " + row_path);
  if (path == std::string::npos) return {"", message};
  auto rest = message.substr(path + 2 + row_path.size());
  const auto colon = rest.find(": ");
  if (colon == std::string::npos) return {"", message};
  auto field = rest.substr(0, colon);
  if (field.starts_with('.')) field.erase(0, 1);
  return {field, rest.substr(colon + 2)};
}

}  // namespace

bool Import::reads(const std::string& type) {
  const auto name = media_type(type);
  return name.empty() || name == "application/json" || name == "text/csv" || name == "application/yaml" ||
         name == "application/x-yaml" || name == "text/yaml";
}

Import Import::read(const std::string& type, const std::string& body) {
  const auto name = media_type(type);
  const bool is_json = name.empty() || name == "application/json";
  require_utf8_charset(type);
  require_utf8(body, is_json ? "JSON" : "");
  try {
    const auto document = name == "text/csv" ? document_of_csv(body)
                          : is_json          ? Document::from_json(source, body)
                                             : Document::from_yaml(source, body);
    refuse_nul(document);
    return Import(document);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::config_invalid) throw;
    throw Error(ErrorCode::usage, error.what(), error.hint());
  }
}

Import::Import(const Document& document) {
  const auto root = document.root();
  auto list = root;
  if (root.json().is_object()) {
    root.only({"servers"});
    list = root.at("servers");
  }
  const auto rows = list.items();
  if (rows.size() > most_rows) {
    throw Error(ErrorCode::usage,
                fmt::format("these are {} servers, and {} at most come at once", rows.size(), most_rows),
                "Import them in parts.");
  }
  for (const auto& row : rows) {
    if (errors_.size() < most_errors) read_row(row);
  }
}

void Import::read_row(const Field& row) {
  try {
    row.only({"name", "macs", "firmware", "address", "loader", "uuid", "serial", "tags", "notes", "bmc"});
    auto name = parsed(row.at("name"), ServerName::parse);
    auto members = read_members(row);
    const auto bmc = row.find("bmc");
    servers_.push_back({std::move(name), std::move(members), bmc ? std::optional(read_bmc(*bmc)) : std::nullopt});
    rows_.push_back(row);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::config_invalid) throw;
    const auto [field, detail] = field_and_detail(error.what(), row.path());
    const auto& name = row.json().is_object() ? row.json().value("name", json()) : json();
    errors_.push_back({row.line(), name.is_string() ? name.get<std::string>() : "", field, detail, error.hint()});
  }
}

ImportError Import::error_of(std::size_t index, std::string field, std::string detail) const {
  return {rows_.at(index).line(), servers_.at(index).name.text(), std::move(field), std::move(detail), ""};
}

}  // namespace rescue::netboot::api
