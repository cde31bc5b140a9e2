// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// netbootd's database, with the context of every use case: the clock, the limits of leases, and notifications.

#include "core/clock.hpp"
#include "netboot/domain/lease.hpp"
#include "netboot/store/changes.hpp"
#include "netboot/store/database_settings.hpp"

#include <atomic>
#include <forward_list>
#include <memory>

namespace rescue::netboot {

class Database;

/// Thread-safe. `schema` and `check` block for the database and throw `unavailable` when it fails.
class Store {
public:
  /// `clock` outlives the store. See `Database` for what opening throws.
  Store(DatabaseSettings settings, LeaseLimits limits, const Clock& clock);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] int schema();
  /// Throws if the database does not answer.
  void check();
  /// The reference stays valid and unchanged as long as the store.
  [[nodiscard]] const LeaseLimits& limits() const noexcept { return *limits_.load(); }
  /// Sets the limits from now on. One call at a time.
  void set_limits(const LeaseLimits& limits) {
    all_limits_.push_front(limits);
    limits_ = &all_limits_.front();
  }
  /// Decides when leases end, see `Database::now`. Does not block.
  [[nodiscard]] WallTime now() const;
  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }
  /// For transactions.
  [[nodiscard]] Database& database() noexcept { return *database_; }
  /// Notifies of each change after its commit.
  [[nodiscard]] Changes& changes() noexcept { return changes_; }

private:
  std::forward_list<LeaseLimits> all_limits_;  ///< all since the start: callers may still use earlier ones
  std::atomic<const LeaseLimits*> limits_;
  const Clock& clock_;
  Changes changes_;
  std::unique_ptr<Database> database_;
};

}  // namespace rescue::netboot
