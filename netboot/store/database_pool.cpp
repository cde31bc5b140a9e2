// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/database_pool.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/store/database_failure.hpp"
#include "netboot/store/dialect.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <sys/socket.h>

#include <algorithm>

namespace rescue::netboot {
namespace {

using Steady = std::chrono::steady_clock;

int socket_of(soci::session& session) {
  if (!dialect_of(session).is_shared) return -1;
  // The library does not export the symbols for a dynamic_cast.
  const auto& backend = static_cast<const soci::postgresql_session_backend&>(*session.get_backend());
  return ::PQsocket(backend.conn_);
}

[[noreturn]] void fail_away(const std::string& why) {
  throw DatabaseFailure(ErrorCode::unavailable, "the database can't be reached: " + why,
                        "The next request retries; netbootd's log has the details.");
}

}  // namespace

DatabasePool::DatabasePool(Limits limits, Open open)
    : limits_(limits), open_(std::move(open)), slots_(limits.connections) {
  if (limits_.transaction.count() > 0) {
    watchdog_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  }
}

DatabasePool::~DatabasePool() = default;

DatabasePool::Slot& DatabasePool::take_slot() {
  std::unique_lock lock(mutex_);
  Slot* found = nullptr;
  const auto look = [&] {
    // Prefers an open connection.
    for (auto& slot : slots_) {
      if (!slot.taken && (found == nullptr || (!found->session && slot.session))) found = &slot;
    }
    return found != nullptr;
  };
  if (!freed_.wait_for(lock, limits_.patience, look)) {
    throw DatabaseFailure(ErrorCode::unavailable, "the database is busy: all connections are in use", "Try again.");
  }
  found->taken = true;
  found->deadline = Steady::now() + limits_.transaction;
  return *found;
}

DatabasePool::Connection DatabasePool::take() {
  auto& slot = take_slot();
  if (!slot.session) {
    try {
      reopen(slot);
    } catch (...) {
      give_back(slot, true);
      throw;
    }
  }
  return {*this, slot};
}

void DatabasePool::reopen(Slot& slot) {
  close(slot);
  {
    const std::lock_guard lock(mutex_);
    if (Steady::now() < away_until_) fail_away(away_);
  }
  try {
    auto session = open_();
    const int socket = socket_of(*session);
    const std::lock_guard lock(mutex_);
    slot.session = std::move(session);
    slot.socket = socket;
    slot.deadline = Steady::now() + limits_.transaction;
    if (!away_.empty()) log::info("database: it is back");
    away_.clear();
  } catch (const soci::soci_error& error) {
    auto why = error.get_error_message();
    std::replace(why.begin(), why.end(), '\n', ' ');
    const std::lock_guard lock(mutex_);
    if (away_.empty()) log::error("database: {}", why);
    constexpr Milliseconds pause(500);
    away_until_ = Steady::now() + pause;
    away_ = std::move(why);
    fail_away(away_);
  }
}

void DatabasePool::close(Slot& slot) noexcept {
  std::unique_ptr<soci::session> dead;
  {
    // Under the lock: the watchdog must not cut a new socket with the same number.
    const std::lock_guard lock(mutex_);
    slot.socket = -1;
    dead = std::move(slot.session);
  }
}

void DatabasePool::give_back(Slot& slot, bool lost) noexcept {
  if (lost) close(slot);
  {
    const std::lock_guard lock(mutex_);
    slot.taken = false;
  }
  freed_.notify_one();
}

void DatabasePool::watch(const std::stop_token& stop) {
  constexpr Milliseconds look(500);
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    woken_.wait_for(lock, stop, look, [] { return false; });
    for (auto& slot : slots_) {
      if (!slot.taken || slot.socket < 0 || Steady::now() < slot.deadline) continue;
      log::error("database: no answer for {} s; the connection is cut",
                 std::chrono::duration_cast<std::chrono::seconds>(limits_.transaction).count());
      // A thread that waits for an answer gets an error from libpq.
      ::shutdown(slot.socket, SHUT_RDWR);
      slot.socket = -1;
    }
  }
}

}  // namespace rescue::netboot
