// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of events, and of the notes that become events. Inside a transaction only.

#include "core/clock.hpp"
#include "netboot/store/changes.hpp"
#include "netboot/store/sql_session.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

struct Event {
  long long id = 0;
  WallTime at{};
  std::string kind;     ///< "server", "task", "session", "secret", "delivery", "lease-ends-soon", "reset"
  std::string subject;  ///< "web-01", "t-7", "s-...", "o-7"; empty for "reset"
  std::string server;   ///< the server that it belongs to; empty for "reset"
  std::string data;     ///< a JSON object
};

namespace rows {

struct EventNote {
  long long id = 0;
  std::string kind;
  std::string subject;
  std::string server;
  bool is_new = false;
};

/// Writes notes in the transaction of the change, so that no event is lost. Very many become one note: a reset.
void note_news(soci::session& session, const ChangeSet& set);
/// In order of creation, `most` at most.
[[nodiscard]] std::vector<EventNote> event_notes(soci::session& session, int most);
void remove_event_notes(soci::session& session, const std::vector<EventNote>& notes);

/// The newest event's number. `lock_event_head` keeps others from adding events until the transaction ends, so that
/// numbers become visible in order.
[[nodiscard]] long long event_head(soci::session& session);
void lock_event_head(soci::session& session);
void set_event_head(soci::session& session, long long newest);

void insert_event(soci::session& session, const Event& event);
/// By number, `most` at most.
[[nodiscard]] std::vector<Event> events_after(soci::session& session, long long id, int most);
/// Data of the subject's latest event; none: it is not kept.
[[nodiscard]] std::optional<std::string> latest_event_data(soci::session& session, const EventNote& subject);
/// None: no event is kept.
[[nodiscard]] std::optional<long long> oldest_event(soci::session& session);
void prune_events(soci::session& session, long long before_id, WallTime before);

}  // namespace rows
}  // namespace rescue::netboot
