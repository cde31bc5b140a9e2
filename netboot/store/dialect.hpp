// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The few differences between the SQL of SQLite and PostgreSQL. Everything else in store/ is the same for both.

#include "netboot/store/sql_session.hpp"

#include <string>

namespace rescue::netboot {

/// Pieces of SQL that differ between the engines.
struct Dialect {
  const char* begin_read;  ///< for one snapshot of the database
  /// SQLite: one writer at a time, which takes its lock at once. PostgreSQL: see `lock_server`.
  const char* begin_write;
  const char* begin_migration;  ///< one program at a time
  const char* numbered_key;
  const char* audit_log_is_not_changed;
  const char* audit_log_is_not_shortened;
  /// After a SELECT from `servers`: locks these servers for other writers until the transaction ends.
  const char* lock_server;
  /// After a SELECT from `tasks` and `servers`: locks too, and skips rows that are locked already.
  const char* take_task;
  bool has_clock;  ///< BEGIN also returns the time, in milliseconds since 1970
  bool is_shared;  ///< other programs use the same database at the same time
};

/// Reads a column of whole numbers: a numbered key is a small INTEGER in SQLite, but as large as others in PostgreSQL.
[[nodiscard]] long long whole_number(const soci::row& row, std::size_t column);

[[nodiscard]] const Dialect& dialect_of(const soci::session& session);

namespace dialect {

/// Placeholder in migrations: a key that the database numbers, never reused.
inline constexpr auto numbered_key = "NUMBERED_KEY";
/// The audit log accepts new rows only.
inline constexpr const char* append_only[] = {"AUDIT_LOG_IS_NOT_CHANGED", "AUDIT_LOG_IS_NOT_SHORTENED"};

}  // namespace dialect

/// Replaces the placeholders above in `statement`.
[[nodiscard]] std::string in_words_of(const Dialect& dialect, std::string statement);

}  // namespace rescue::netboot
