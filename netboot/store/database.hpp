// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One connection to the database, used by one thread at a time, whose failures are our errors.

#include "core/clock.hpp"
#include "netboot/metrics/counters.hpp"
#include "netboot/store/audit_record.hpp"
#include "netboot/store/changes.hpp"

#include <soci/soci.h>

#include <chrono>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

namespace rescue::netboot {

/// Ends a transaction in one of two ways; the destructor takes it back.
class Transaction {
public:
  Transaction(soci::session& session, const char* begin);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

private:
  soci::session& session_;
  bool open_ = true;
};

class Database {
public:
  /// Opens or creates the file and brings its schema up to date. Throws `io`, or `precondition` when a newer version
  /// of the program has written it.
  /// `changes` outlives the database.
  Database(const std::string& path, Changes& changes);

  /// Runs `work(session)` in a transaction that sees one state of the database.
  template <class Work>
  auto read(Work work) {
    return transact(begin_read(), nullptr, std::move(work));
  }
  /// As above, for changes: all of them or none. `work(session, change_set)` says whom they concern, and that is told
  /// once they are committed. In a request they are also written to the audit log (AuditRecord).
  template <class Work>
  auto write(Work work) {
    ChangeSet set;
    const auto tell = [&] {
      for (const auto& change : set.all()) changes_.tell(change);
    };
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
    if constexpr (std::is_void_v<decltype(write_and_say(session_))>) {
      transact(begin_write(), &set, write_and_record);
      tell();
    } else {
      auto result = transact(begin_write(), &set, write_and_record);
      tell();
      return result;
    }
  }

private:
  static const char* begin_read() noexcept;
  static const char* begin_write() noexcept;
  /// Throws `unavailable` (or `conflict` for a violated constraint); the SQL goes to the log only.
  [[noreturn]] static void fail(const soci::soci_error& error);
  static void announce(soci::session& session, const ChangeSet& set);

  template <class Work>
  auto transact(const char* begin, const ChangeSet* set, Work work) {
    const TransactionTimer timer;
    const std::lock_guard lock(mutex_);
    try {
      Transaction transaction(session_, begin);
      if constexpr (std::is_void_v<decltype(work(session_))>) {
        work(session_);
        if (set != nullptr) announce(session_, *set);
        transaction.commit();
      } else {
        auto result = work(session_);
        if (set != nullptr) announce(session_, *set);
        transaction.commit();
        return result;
      }
    } catch (const soci::soci_error& error) {
      fail(error);
    }
  }

  Changes& changes_;
  std::mutex mutex_;
  soci::session session_;
};

/// Times are stored as milliseconds since 1970: no two engines agree on a date type.
[[nodiscard]] inline long long to_column(WallTime time) {
  return std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count();
}
[[nodiscard]] inline WallTime from_column(long long milliseconds) { return WallTime(Milliseconds(milliseconds)); }

}  // namespace rescue::netboot
