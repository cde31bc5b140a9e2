// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/database.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/database_failure.hpp"
#include "netboot/store/database_listener.hpp"
#include "netboot/store/database_url.hpp"
#include "netboot/store/dialect.hpp"
#include "netboot/store/event_rows.hpp"
#include "netboot/store/migrations.hpp"

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

namespace rescue::netboot {
namespace {

std::string fresh_replica() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  constexpr std::size_t digits = 8;
  return fmt::format("{}/{}/{}", host.data(), ::getpid(), hash_of(fresh_token().reveal()).substr(0, digits));
}

/// If several processes open a new database at once, the switch to a write-ahead log fails at once in all but one,
/// regardless of busy_timeout: https://www.sqlite.org/c3ref/busy_handler.html
void use_write_ahead_log(soci::session& session, Milliseconds patience) {
  constexpr auto pause = std::chrono::milliseconds(10);
  constexpr int primary = 0xff;  // of an extended result code
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      session << "PRAGMA journal_mode = WAL";
      return;
    } catch (const soci::sqlite3_soci_error& error) {
      if ((error.result() & primary) != SQLITE_BUSY || std::chrono::steady_clock::now() >= end) throw;
      std::this_thread::sleep_for(pause);
    }
  }
}

std::unique_ptr<soci::session> sqlite_session(const DatabaseSettings& settings, bool writes) {
  auto session = std::make_unique<soci::session>(soci::sqlite3, "dbname=\"" + settings.path + "\"");
  // Comes first: another process (netbootd --init-admin-token) may hold the lock for a moment.
  *session << fmt::format("PRAGMA busy_timeout = {}", settings.patience.count());
  use_write_ahead_log(*session, settings.patience);
  *session << "PRAGMA synchronous = FULL";  // a confirmed lease survives a power cut
  *session << "PRAGMA foreign_keys = ON";
  if (!writes) *session << "PRAGMA query_only = ON";
  return session;
}

std::unique_ptr<soci::session> postgresql_session(const DatabaseSettings& settings) {
  auto session = std::make_unique<soci::session>();
  session->open(soci::postgresql, std::string(connection_string(settings).reveal()));
  *session << fmt::format("SET client_min_messages = warning; SET lock_timeout = {}; SET statement_timeout = {};"
                          " SET idle_in_transaction_session_timeout = {}",
                          settings.patience.count(), settings.statement.count(), settings.transaction.count());
  return session;
}

/// SQLSTATE of PostgreSQL; empty: none.
std::string state_of(const soci::soci_error& error) {
  const auto* const known = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  return known == nullptr ? std::string{} : known->sqlstate();
}

[[noreturn]] void throw_failure(const soci::soci_error& error) {
  ++counters().database_errors;
  log::error("database: {}", error.what());
  if (error.get_error_category() == soci::soci_error::constraint_violation) {
    throw DatabaseFailure(ErrorCode::conflict, "somebody else changed the same thing at the same time", "Try again.");
  }
  const auto state = state_of(error);
  constexpr auto deadlock = "40P01";
  constexpr auto lock_not_available = "55P03";
  constexpr auto query_canceled = "57014";
  if (state == deadlock || state == lock_not_available || state == query_canceled) {
    throw DatabaseFailure(ErrorCode::unavailable, "the database is busy, and did not answer in time", "Try again.");
  }
  auto why = error.get_error_message();
  std::replace(why.begin(), why.end(), '\n', ' ');
  throw DatabaseFailure(ErrorCode::unavailable, "the database does not answer: " + why,
                        "Look for a full disk or a read-only file system; netbootd's log has the details.");
}

}  // namespace

Transaction::~Transaction() {
  if (!open_) return;
  try {
    session_.rollback();
  } catch (const std::exception& error) {
    log::warning("a transaction could not be rolled back: {}", error.what());
    if (connection_ != nullptr) connection_->lose();
  }
}

void Transaction::commit() {
  session_.commit();
  open_ = false;
}

Database::Database(DatabaseSettings settings, const Clock& clock, Changes& changes)
    : settings_(std::move(settings)), replica_(fresh_replica()), clock_(clock), changes_(changes) {
  if (settings_.url.empty()) {
    open_sqlite();
  } else {
    open_postgresql();
  }
}

Database::~Database() = default;

void Database::open_sqlite() {
  if (settings_.path.find('"') != std::string::npos) {
    throw Error(ErrorCode::config_invalid, "the database's path holds a quotation mark: " + settings_.path);
  }
  try {
    const auto session = sqlite_session(settings_, true);
    dialect_ = &dialect_of(*session);
    migrate(*session);
  } catch (const soci::soci_error& error) {
    throw Error(ErrorCode::io, "can't open the database " + settings_.path + ": " + error.get_error_message(),
                "Its folder must exist and be writable by the user that netbootd runs as.");
  }
  reading_ = dialect_->begin_read;
  writing_ = dialect_->begin_write;
  readers_ = std::make_shared<DatabasePool>(DatabasePool::Limits{settings_.connections, settings_.patience, {}},
                                            [this] { return sqlite_session(settings_, false); });
  writers_ = std::make_shared<DatabasePool>(DatabasePool::Limits{1, settings_.patience, {}},
                                            [this] { return sqlite_session(settings_, true); });
}

void Database::open_postgresql() {
  try {
    const auto session = postgresql_session(settings_);
    dialect_ = &dialect_of(*session);
    migrate(*session);
  } catch (const soci::soci_error& error) {
    auto why = error.get_error_message();
    std::replace(why.begin(), why.end(), '\n', ' ');
    throw Error(ErrorCode::unavailable, "can't open the database: " + why,
                "Look at database.url, its password file, and whether PostgreSQL is running.");
  }
  reading_ = dialect_->begin_read;
  writing_ = dialect_->begin_write;
  readers_ = std::make_shared<DatabasePool>(
      DatabasePool::Limits{settings_.connections, settings_.patience, settings_.transaction},
      [this] { return postgresql_session(settings_); });
  writers_ = readers_;
  listener_ = std::make_unique<DatabaseListener>([this] { return connection_string(settings_); }, replica_, changes_);
  read([](soci::session&) {});  // reads the clock
}

WallTime Database::now() const {
  if (!dialect_->has_clock) return clock_.wall();
  const auto here = std::chrono::duration_cast<Milliseconds>(clock_.now().time_since_epoch()).count();
  return from_column(here + ahead_.load());
}

bool Database::is_shared() const noexcept { return dialect_->is_shared; }

void Database::begin(DatabasePool::Connection& connection, const char* how) {
  try {
    begin_once(connection.session(), how);
  } catch (const soci::soci_error& error) {
    if (!dialect_->is_shared) throw;
    // The server was restarted, or it cut the connection. Nothing was sent yet, so a new connection suffices.
    log::info("database: a connection was lost: {}", error.get_error_message());
    connection.reopen();
    begin_once(connection.session(), how);
  }
}

void Database::begin_once(soci::session& session, const char* how) {
  if (!dialect_->has_clock) {
    session << how;
    return;
  }
  long long there = 0;
  session << how, soci::into(there);
  ahead_ = there - std::chrono::duration_cast<Milliseconds>(clock_.now().time_since_epoch()).count();
}

void Database::announce(soci::session& session, const ChangeSet& set) const {
  rows::note_news(session, set);
  if (!dialect_->is_shared || set.all().empty()) return;
  const auto text = DatabaseListener::to_text(replica_, set.all());
  session << "SELECT pg_notify('netbootd', :text)", soci::use(text);
}

void Database::tell(const ChangeSet& set) {
  for (const auto& change : set.all()) changes_.tell(change);
}

void Database::fail() {
  try {
    throw;
  } catch (const soci::soci_error& error) {
    throw_failure(error);
  }
}

}  // namespace rescue::netboot
