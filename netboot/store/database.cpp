// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/database.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/store/dialect.hpp"
#include "netboot/store/event_rows.hpp"
#include "netboot/store/migrations.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace rescue::netboot {

Transaction::Transaction(soci::session& session, const char* begin) : session_(session) { session_ << begin; }

Transaction::~Transaction() {
  if (!open_) return;
  try {
    session_.rollback();
  } catch (const std::exception& error) {
    log::warning("a transaction could not be rolled back: {}", error.what());
  }
}

void Transaction::commit() {
  session_.commit();
  open_ = false;
}

Database::Database(const std::string& path, Changes& changes) : changes_(changes) {
  if (path.find('"') != std::string::npos) {
    throw Error(ErrorCode::config_invalid, "the database's path holds a quotation mark: " + path);
  }
  try {
    session_.open(soci::sqlite3, "dbname=\"" + path + "\"");
    for (const auto* const setting : dialect::connection_settings) session_ << setting;
    migrate(session_);
  } catch (const soci::soci_error& error) {
    throw Error(ErrorCode::io, "can't open the database " + path + ": " + error.get_error_message(),
                "Its folder must exist and be writable by the user that netbootd runs as.");
  }
}

const char* Database::begin_read() noexcept { return dialect::begin_read; }
const char* Database::begin_write() noexcept { return dialect::begin_write; }

void Database::announce(soci::session& session, const ChangeSet& set) { rows::note_news(session, set); }

void Database::fail(const soci::soci_error& error) {
  ++counters().database_errors;
  log::error("database: {}", error.what());
  if (error.get_error_category() == soci::soci_error::constraint_violation) {
    throw Error(ErrorCode::conflict, "somebody else changed the same thing at the same time", "Try again.");
  }
  throw Error(ErrorCode::unavailable, "the database does not answer: " + error.get_error_message(),
              "Look for a full disk or a read-only file system; netbootd's log has the details.");
}

}  // namespace rescue::netboot
