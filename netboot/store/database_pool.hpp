// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Connections to one database that threads share in turns; every wait has a limit.

#include "core/clock.hpp"
#include "netboot/store/sql_session.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rescue::netboot {

class DatabasePool {
  struct Slot {
    std::unique_ptr<soci::session> session;
    bool taken = false;
    int socket = -1;  ///< of the connection; -1: none, or nothing to cut
    SteadyTime deadline{};
  };

public:
  struct Limits {
    unsigned connections = 1;
    Milliseconds patience{5'000};  ///< for a free connection
    Milliseconds transaction{};    ///< a connection that is taken for longer is cut; 0: never
  };
  using Open = std::function<std::unique_ptr<soci::session>()>;

  /// Opens connections on demand.
  DatabasePool(Limits limits, Open open);
  ~DatabasePool();
  DatabasePool(const DatabasePool&) = delete;
  DatabasePool& operator=(const DatabasePool&) = delete;

  /// A connection, owned by one thread until destroyed.
  class Connection {
  public:
    Connection(DatabasePool& pool, Slot& slot) : pool_(pool), slot_(slot) {}
    ~Connection() { pool_.give_back(slot_, lost_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    [[nodiscard]] soci::session& session() noexcept { return *slot_.session; }
    /// Replaces a dead connection; throws what `take` throws.
    void reopen() { pool_.reopen(slot_); }
    /// Prevents its reuse.
    void lose() noexcept { lost_ = true; }

  private:
    DatabasePool& pool_;
    Slot& slot_;
    bool lost_ = false;
  };

  /// Throws `unavailable` if the database can't be reached, or all connections stay taken.
  [[nodiscard]] Connection take();

private:
  Slot& take_slot();
  void reopen(Slot& slot);
  void close(Slot& slot) noexcept;
  void give_back(Slot& slot, bool lost) noexcept;
  void watch(const std::stop_token& stop);

  const Limits limits_;
  const Open open_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::condition_variable_any woken_;
  std::vector<Slot> slots_;
  SteadyTime away_until_{};  ///< until then threads do not try to connect again
  std::string away_;         ///< reason
  std::jthread watchdog_;
};

}  // namespace rescue::netboot
