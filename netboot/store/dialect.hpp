// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The few places where SQL engines differ. Everything else in store/ is plain SQL that PostgreSQL takes too.

namespace rescue::netboot::dialect {

/// A transaction that writes takes its lock at once: one that reads first and writes later could fail in the middle.
inline constexpr auto begin_write = "BEGIN IMMEDIATE";
inline constexpr auto begin_read = "BEGIN";

/// A key that the database numbers, never used twice.
inline constexpr auto numbered_key = "INTEGER PRIMARY KEY AUTOINCREMENT";

/// For each new connection. Another process (netbootd --init-admin-token) may hold the lock for a moment.
inline constexpr const char* connection_settings[] = {
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  // a lease that was confirmed is there after a power cut
    "PRAGMA foreign_keys = ON",
};

/// The table takes new rows and nothing else.
inline constexpr const char* append_only[] = {
    "CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    "CREATE TRIGGER audit_log_is_not_shortened BEFORE DELETE ON audit_log"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
};

}  // namespace rescue::netboot::dialect
