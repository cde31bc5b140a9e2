// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The kept events: numbered in the same order for every reader, on every replica and after a restart.

#include "netboot/store/event_rows.hpp"
#include "netboot/store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

struct EventLimits {
  long long most = 10'000;  ///< kept
  Milliseconds age{std::chrono::hours(24)};
  Milliseconds lease_ends_soon{std::chrono::hours(1)};  ///< before the end of a lease, for its event; 0: no event
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class Events {
public:
  /// `store` outlives this.
  explicit Events(Store& store, EventLimits limits = {}) : store_(store), limits_(limits) {}

  /// Makes events of changes that have none yet. Replicas may do it at the same time: each change becomes one event. A
  /// step of a task or a session without news becomes none.
  void record();
  /// Makes the event `lease-ends-soon`, once for each end of a lease. Several netbootds may do it at the same time.
  void announce_lease_ends();
  /// Deletes events that are too old or too many.
  void prune();

  [[nodiscard]] std::vector<Event> after(long long id, int most);
  struct Bounds {
    long long first = 1;   ///< the oldest event that is kept; if none is, the next one
    long long newest = 0;  ///< 0: none yet
  };
  [[nodiscard]] Bounds bounds();

private:
  /// Returns true if there may be more.
  bool record_some();
  [[nodiscard]] std::optional<std::string> data_of(soci::session& session, const rows::EventNote& note) const;

  Store& store_;
  const EventLimits limits_;
};

}  // namespace rescue::netboot
