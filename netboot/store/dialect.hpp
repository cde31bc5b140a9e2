// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The few places where the SQL of SQLite and PostgreSQL differs. Everything else in store/ is the same for both.

#include "netboot/store/sql_session.hpp"

#include <string>

namespace rescue::netboot {

/// Pieces of SQL that one engine needs and the other does not, or spells otherwise.
struct Dialect {
  const char* begin_read;  ///< sees one state of the database
  /// SQLite: one writer at a time, and it takes its lock at once. PostgreSQL: see `lock_server`.
  const char* begin_write;
  const char* begin_migration;  ///< one program at a time
  const char* numbered_key;
  const char* audit_log_is_not_changed;
  const char* audit_log_is_not_shortened;
  /// Behind a SELECT from `servers`: nobody else changes anything of these until the transaction ends.
  const char* lock_server;
  /// Behind a SELECT from `tasks` and `servers`: as above, and passes over what somebody else has in hand.
  const char* take_task;
  bool has_clock;  ///< BEGIN also says what time it is, in milliseconds since 1970
  bool is_shared;  ///< other programs work on the same database at the same time
};

/// A column of whole numbers: to SQLite a numbered key is INTEGER and small, to PostgreSQL it is as large as others.
[[nodiscard]] long long whole_number(const soci::row& row, std::size_t column);

[[nodiscard]] const Dialect& dialect_of(const soci::session& session);

namespace dialect {

/// In the steps of migrations: a key that the database numbers, never used twice.
inline constexpr auto numbered_key = "NUMBERED_KEY";
/// The audit log takes new rows and nothing else.
inline constexpr const char* append_only[] = {"AUDIT_LOG_IS_NOT_CHANGED", "AUDIT_LOG_IS_NOT_SHORTENED"};

}  // namespace dialect

/// `statement` with the placeholders above put in words.
[[nodiscard]] std::string in_words_of(const Dialect& dialect, std::string statement);

}  // namespace rescue::netboot
