// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/retention.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/store/database.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace rescue::netboot {
namespace {

constexpr std::size_t most_at_a_time = 500;  ///< rows per transaction
constexpr Milliseconds pause{20};            ///< between transactions, for other writers

/// Query for old rows, with columns that all engines accept, and the statements that delete one.
struct Kind {
  const char* find;  ///< with :cutoff and :most
  std::vector<const char*> removals;
};

const Kind boot_tokens{"SELECT hash FROM boot_tokens WHERE expires_ms < :cutoff LIMIT :most",
                       {"DELETE FROM boot_tokens WHERE hash = :id"}};

/// Sessions that ended, or whose host is silent; except those of a server's current lease.
const Kind sessions{"SELECT sessions.id FROM sessions JOIN leases ON leases.id = sessions.lease"
                    " WHERE leases.ended_ms IS NOT NULL AND sessions.heard_ms < :cutoff"
                    " AND COALESCE(sessions.ended_ms, leases.ended_ms) < :same LIMIT :most",
                    {"DELETE FROM sessions WHERE id = :id"}};

const Kind tasks{"SELECT CAST(id AS TEXT) FROM tasks WHERE ended_ms < :cutoff LIMIT :most",
                 {"DELETE FROM tasks WHERE id = CAST(:id AS BIGINT)"}};

const Kind leases{"SELECT CAST(leases.id AS TEXT) FROM leases WHERE leases.ended_ms < :cutoff"
                  " AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.lease = leases.id)"
                  " AND NOT EXISTS (SELECT 1 FROM boot_tokens WHERE boot_tokens.lease = leases.id)"
                  " AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.lease = leases.id) LIMIT :most",
                  {"DELETE FROM rescue_requests WHERE lease = CAST(:id AS BIGINT)",
                   "DELETE FROM leases WHERE id = CAST(:id AS BIGINT)"}};

const Kind secrets{"SELECT CAST(id AS TEXT) FROM secret_links WHERE expires_ms < :cutoff LIMIT :most",
                   {"DELETE FROM secret_visits WHERE link = CAST(:id AS BIGINT)",
                    "DELETE FROM secret_links WHERE id = CAST(:id AS BIGINT)"}};

const Kind deliveries{"SELECT CAST(id AS TEXT) FROM deliveries WHERE ended_ms < :cutoff LIMIT :most",
                      {"DELETE FROM deliveries WHERE id = CAST(:id AS BIGINT)"}};

const Kind expired_boxes{
    "SELECT CAST(id AS TEXT) FROM secret_links WHERE box <> '' AND expires_ms <= :cutoff LIMIT :most",
    {"UPDATE secret_links SET box = '', sealed_code = '' WHERE id = CAST(:id AS BIGINT)"}};

/// Passes and their viewers are as old as sessions may get.
const Kind consoles{"SELECT CAST(id AS TEXT) FROM console_passes WHERE expires_ms < :cutoff"
                    " AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.id = console_passes.session) LIMIT :most",
                    {"DELETE FROM console_viewers WHERE pass = CAST(:id AS BIGINT)",
                     "DELETE FROM console_passes WHERE id = CAST(:id AS BIGINT)"}};

std::vector<std::string> found(soci::session& session, const Kind& kind, long long cutoff) {
  const auto most = static_cast<int>(most_at_a_time);
  std::vector<std::string> ids;
  std::string id;
  auto prepared = session.prepare << kind.find;
  prepared, soci::into(id), soci::use(cutoff, "cutoff");
  if (std::string_view(kind.find).find(":same") != std::string_view::npos) prepared, soci::use(cutoff, "same");
  prepared, soci::use(most, "most");
  soci::statement rows = prepared;
  rows.execute();
  while (rows.fetch()) ids.push_back(id);
  return ids;
}

std::size_t remove_some(Store& store, const Kind& kind, long long cutoff) {
  // Usually finds nothing, and a query alone needs no writer's lock.
  const auto ids = store.database().read([&](soci::session& session) { return found(session, kind, cutoff); });
  if (ids.empty()) return 0;
  store.database().write([&](soci::session& session) {
    for (const auto* const statement : kind.removals) session << statement, soci::use(ids, "id");
  });
  return ids.size();
}

std::size_t remove_until(Store& store, const Kind& kind, WallTime time, const std::stop_token& stop) {
  const auto cutoff = to_column(time);
  std::size_t removed = 0;
  while (!stop.stop_requested()) {
    const auto now = remove_some(store, kind, cutoff);
    removed += now;
    if (now < most_at_a_time) break;
    std::this_thread::sleep_for(pause);
  }
  return removed;
}

std::size_t remove_all(Store& store, const Kind& kind, Milliseconds age, const std::stop_token& stop) {
  return age.count() == 0 ? 0 : remove_until(store, kind, store.now() - age, stop);
}

}  // namespace

Removed remove_old_rows(Store& store, const RetentionLimits& limits, const std::stop_token& stop) {
  Removed removed;
  removed.boot_tokens = remove_all(store, boot_tokens, limits.boot_tokens, stop);
  removed.sessions = remove_all(store, sessions, limits.sessions, stop);
  removed.consoles = remove_all(store, consoles, limits.sessions, stop);
  removed.tasks = remove_all(store, tasks, limits.tasks, stop);
  removed.leases = remove_all(store, leases, limits.leases, stop);
  removed.deliveries = remove_all(store, deliveries, limits.deliveries, stop);
  removed.boxes = remove_until(store, expired_boxes, store.now(), stop);
  removed.secrets = remove_all(store, secrets, limits.secrets, stop);
  return removed;
}

Retention::Retention(Store& store, const RetentionLimits& limits)
    : store_(store), limits_(limits), thread_([this](const std::stop_token& stop) { keep(stop); }) {}

void Retention::keep(const std::stop_token& stop) {
  constexpr Milliseconds after_start{60'000};  // a fleet may have waited to boot until this netbootd started
  std::mutex mutex;
  std::condition_variable_any stopped;
  auto wait = std::min(after_start, limits_.every);
  while (true) {
    {
      std::unique_lock lock(mutex);
      stopped.wait_for(lock, stop, wait, [] { return false; });
    }
    if (stop.stop_requested()) return;
    wait = limits_.every;
    try {
      const auto removed = remove_old_rows(store_, limits_, stop);
      if (removed.boxes != 0) log::info("wiped by retention: {} secrets whose links have expired", removed.boxes);
      if (removed.tasks + removed.sessions + removed.leases + removed.boot_tokens + removed.secrets +
              removed.deliveries ==
          0) {
        continue;
      }
      log::info("removed from the database by retention: {} tasks, {} sessions, {} leases, {} boot tokens, {} secrets,"
                " {} deliveries",
                removed.tasks, removed.sessions, removed.leases, removed.boot_tokens, removed.secrets,
                removed.deliveries);
    } catch (const std::exception& error) {
      log::warning("old rows could not be removed from the database: {}", report_of(error).one_line());
    }
  }
}

}  // namespace rescue::netboot
