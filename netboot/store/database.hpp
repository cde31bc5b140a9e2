// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Transactions on SQLite or PostgreSQL. Their failures become our errors, and their changes notify subscribers.

#include "core/clock.hpp"
#include "core/timed.hpp"
#include "netboot/metrics/counters.hpp"
#include "netboot/store/audit_record.hpp"
#include "netboot/store/changes.hpp"
#include "netboot/store/database_pool.hpp"
#include "netboot/store/database_settings.hpp"
#include "netboot/store/sql_session.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace rescue::netboot {

class DatabaseListener;
struct Dialect;

/// Ends a transaction that has begun in one of two ways; the destructor rolls it back.
class Transaction {
public:
  explicit Transaction(soci::session& session) : session_(session) {}
  /// `connection` is dropped if the rollback fails.
  explicit Transaction(DatabasePool::Connection& connection)
      : session_(connection.session()), connection_(&connection) {}
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

private:
  soci::session& session_;
  DatabasePool::Connection* connection_ = nullptr;
  bool open_ = true;
};

/// Thread-safe. Every call blocks, for a connection and for locks, within the limits in the settings.
class Database {
public:
  /// Opens the database, or creates SQLite's file, and migrates its schema. Throws `io` for a file, `unavailable` for a
  /// server that can't be reached, or `precondition` if a newer version of the program has written it. `clock` and
  /// `changes` outlive the database.
  Database(DatabaseSettings settings, const Clock& clock, Changes& changes);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs `work(session)` in a transaction on one snapshot of the database.
  template <class Work>
  auto read(Work work) {
    return transact(*readers_, reading_, nullptr, std::move(work));
  }
  /// Runs `work(session, change_set)` for changes: all of them or none. `work` puts their subjects into the set; after
  /// the commit subscribers here and in other netbootds are notified. PostgreSQL has concurrent writers: a decision
  /// based on a server's rows needs `rows::lock_server`. In a request the changes are also audited (AuditRecord).
  template <class Work>
  auto write(Work work) {
    ChangeSet set;
    const auto write_and_say = [&](soci::session& session) {
      if constexpr (std::is_invocable_v<Work&, soci::session&, ChangeSet&>) {
        return work(session, set);
      } else {
        return work(session);
      }
    };
    const auto write_and_record = [&](soci::session& session) {
      AuditRecord record(session);
      if constexpr (std::is_void_v<decltype(write_and_say(session))>) {
        write_and_say(session);
        record.write(set);
      } else {
        auto result = write_and_say(session);
        record.write(set);
        return result;
      }
    };
    if constexpr (std::is_void_v<decltype(write_and_say(std::declval<soci::session&>()))>) {
      transact(*writers_, writing_, &set, write_and_record);
      tell(set);
    } else {
      auto result = transact(*writers_, writing_, &set, write_and_record);
      tell(set);
      return result;
    }
  }

  /// The time for leases, sessions and tasks. PostgreSQL's clock, the same for all netbootds: as of the last
  /// transaction, advanced by the time since then here. SQLite has none: uses ours.
  [[nodiscard]] WallTime now() const;
  /// True if other netbootds may use the same database.
  [[nodiscard]] bool is_shared() const noexcept;
  /// Id of this process, unique.
  [[nodiscard]] const std::string& replica() const noexcept { return replica_; }

private:
  /// Rethrows the current exception: SOCI's errors as DatabaseFailure (`unavailable`, or `conflict` for a violated
  /// constraint), with the SQL in the log only; others unchanged.
  [[noreturn]] static void fail();
  void begin(DatabasePool::Connection& connection, const char* how);
  void begin_once(soci::session& session, const char* how);
  /// Notifies other netbootds, and records events.
  void announce(soci::session& session, const ChangeSet& set) const;
  void tell(const ChangeSet& set);
  void open_sqlite();
  void open_postgresql();

  template <class Work>
  auto transact(DatabasePool& pool, const char* how, const ChangeSet* set, Work work) {
    const TransactionTimer timer;
    const log::Timed line("transaction that {}", set == nullptr ? "reads" : "writes");
    auto connection = pool.take();
    try {
      begin(connection, how);
      Transaction transaction(connection);
      auto& session = connection.session();
      if constexpr (std::is_void_v<decltype(work(session))>) {
        work(session);
        if (set != nullptr) announce(session, *set);
        transaction.commit();
      } else {
        auto result = work(session);
        if (set != nullptr) announce(session, *set);
        transaction.commit();
        return result;
      }
    } catch (...) {
      fail();
    }
  }

  const DatabaseSettings settings_;
  const std::string replica_;
  const Clock& clock_;
  Changes& changes_;
  const Dialect* dialect_ = nullptr;
  const char* reading_ = nullptr;
  const char* writing_ = nullptr;
  std::atomic<long long> ahead_{0};  ///< of our steady clock, in milliseconds
  std::shared_ptr<DatabasePool> readers_;
  std::shared_ptr<DatabasePool>
      writers_;  ///< equals `readers_`, except for SQLite: there readers do not wait for writers
  std::unique_ptr<DatabaseListener> listener_;
};

/// Times are stored as milliseconds since 1970: engines disagree on date types.
[[nodiscard]] inline long long to_column(WallTime time) {
  return std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count();
}
[[nodiscard]] inline WallTime from_column(long long milliseconds) { return WallTime(Milliseconds(milliseconds)); }

}  // namespace rescue::netboot
