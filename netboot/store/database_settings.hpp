// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The database, and the limits of waits for it.

#include "core/clock.hpp"

#include <string>
#include <utility>

namespace rescue::netboot {

struct DatabaseSettings {
  DatabaseSettings() = default;
  /// SQLite, in this file.
  DatabaseSettings(std::string file) : path(std::move(file)) {}  // NOLINT(google-explicit-constructor)

  std::string path = "/var/lib/netbootd/netbootd.sqlite";
  std::string url{};            ///< of PostgreSQL, in libpq's format, without a password; empty: SQLite
  std::string password_file{};  ///< read for each new connection
  unsigned connections = 8;
  Milliseconds patience{5'000};      ///< for a connection, and for locks of others
  Milliseconds statement{10'000};    ///< for the work of one statement
  Milliseconds transaction{60'000};  ///< a connection that is silent for longer is cut

  bool operator==(const DatabaseSettings&) const = default;
};

/// The problem with a URL of PostgreSQL; empty: none.
[[nodiscard]] std::string fault_of_database_url(const std::string& url);

}  // namespace rescue::netboot
