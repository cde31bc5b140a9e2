// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/database_url.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"

#include <libpq-fe.h>

#include <map>

namespace rescue::netboot {
namespace {

using Options = std::map<std::string, std::string>;

/// Parses the URL into `options`; returns libpq's error, or nothing.
std::string parse(const std::string& url, Options& options) {
  char* text = nullptr;
  const Handle<PQconninfoOption, ::PQconninfoFree> parsed(::PQconninfoParse(url.c_str(), &text));
  const Handle<char, ::PQfreemem> fault(text);
  if (!parsed) return fault ? fault.get() : "it can't be read";
  for (const auto* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) options[option->keyword] = option->val;
  }
  return {};
}

void append(std::string& line, const std::string& keyword, std::string_view value) {
  line += keyword + "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') line += '\\';
    line += c;
  }
  line += "' ";
}

}  // namespace

std::string fault_of_database_url(const std::string& url) {
  Options options;
  auto fault = parse(url, options);
  // libpq's messages end with a line break, and quote text that may hold a password.
  if (!fault.empty()) return "is not a connection URL of PostgreSQL";
  if (options.contains("password")) return "must not hold a password";
  return {};
}

Secret connection_string(const DatabaseSettings& settings) {
  // Defaults for options that the operator does not set. The kernel detects a vanished peer, so that no thread waits
  // for it.
  Options options{{"connect_timeout", "5"},      {"application_name", "netbootd"}, {"client_encoding", "UTF8"},
                  {"tcp_user_timeout", "15000"}, {"keepalives_idle", "15"},        {"keepalives_interval", "5"},
                  {"keepalives_count", "3"}};
  if (!parse(settings.url, options).empty()) {
    throw Error(ErrorCode::config_invalid, "database.url is not a connection URL of PostgreSQL",
                "Write it as postgresql://netbootd@db.example.com/netbootd?sslmode=verify-full.");
  }
  std::string line;
  for (const auto& [keyword, value] : options) append(line, keyword, value);
  if (!settings.password_file.empty()) {
    auto password = read_secret_file(settings.password_file);
    append(line, "password", password.reveal());
  }
  Secret result(line);
  wipe(line);
  return result;
}

}  // namespace rescue::netboot
