// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The events that are kept: numbered in the order in which everybody sees them, on every replica and after a restart.

#include "netboot/store/event_rows.hpp"
#include "netboot/store/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

struct EventLimits {
  long long most = 10'000;  ///< kept
  Milliseconds age{std::chrono::hours(24)};
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class Events {
public:
  /// `store` outlives this.
  explicit Events(Store& store, EventLimits limits = {}) : store_(store), limits_(limits) {}

  /// Makes events of what has changed and was not made one of yet. Replicas may do so at the same time: each change
  /// becomes one event. What is a step of a task or a session and says nothing new becomes none.
  void record();
  /// Forgets what is too old, or too much.
  void prune();

  [[nodiscard]] std::vector<Event> after(long long id, int most);
  struct Bounds {
    long long first = 1;   ///< of the oldest event that is kept, or the next one when none is
    long long newest = 0;  ///< 0: there was none yet
  };
  [[nodiscard]] Bounds bounds();

private:
  /// True when there may be more.
  bool record_some();
  [[nodiscard]] std::optional<std::string> data_of(soci::session& session, const rows::EventNote& note) const;

  Store& store_;
  const EventLimits limits_;
};

}  // namespace rescue::netboot
