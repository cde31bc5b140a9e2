// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/event_rows.hpp"

#include "netboot/store/database.hpp"

#include <soci/soci.h>

namespace rescue::netboot::rows {
namespace {

constexpr std::size_t most_notes = 500;  ///< per transaction

const char* name_of(Change::Kind kind) {
  switch (kind) {
  case Change::Kind::server:
    return "server";
  case Change::Kind::task:
    return "task";
  case Change::Kind::session:
    return "session";
  case Change::Kind::secret:
    return "secret";
  case Change::Kind::lease:
    return "lease-ends-soon";
  case Change::Kind::delivery:
    return "delivery";
  case Change::Kind::all:
    break;
  }
  return "reset";
}

void insert_note(soci::session& session, const ChangeSet::News& news) {
  const std::string kind = name_of(news.change.kind);
  const int is_new = news.is_new ? 1 : 0;
  session << "INSERT INTO event_notes (kind, subject, server, is_new) VALUES (:kind, :subject, :server, :new)",
      soci::use(kind), soci::use(news.change.id), soci::use(news.change.server), soci::use(is_new);
}

}  // namespace

void note_news(soci::session& session, const ChangeSet& set) {
  if (set.news().size() > most_notes) return insert_note(session, {});
  for (const auto& news : set.news()) insert_note(session, news);
}

std::vector<EventNote> event_notes(soci::session& session, int most) {
  std::vector<EventNote> notes;
  EventNote note;
  int is_new = 0;
  soci::statement select =
      (session.prepare << "SELECT id, kind, subject, server, is_new FROM event_notes ORDER BY id LIMIT :most",
       soci::use(most), soci::into(note.id), soci::into(note.kind), soci::into(note.subject), soci::into(note.server),
       soci::into(is_new));
  select.execute();
  while (select.fetch()) {
    note.is_new = is_new != 0;
    notes.push_back(note);
  }
  return notes;
}

void remove_event_notes(soci::session& session, const std::vector<EventNote>& notes) {
  if (notes.empty()) return;
  // One by one: a note with a lower number may become visible later than one with a higher number.
  std::vector<long long> ids;
  ids.reserve(notes.size());
  for (const auto& note : notes) ids.push_back(note.id);
  session << "DELETE FROM event_notes WHERE id = :id", soci::use(ids);
}

long long event_head(soci::session& session) {
  long long newest = 0;
  session << "SELECT newest FROM event_head", soci::into(newest);
  return newest;
}

void lock_event_head(soci::session& session) { session << "UPDATE event_head SET newest = newest"; }

void set_event_head(soci::session& session, long long newest) {
  session << "UPDATE event_head SET newest = :newest", soci::use(newest);
}

void insert_event(soci::session& session, const Event& event) {
  const auto at = to_column(event.at);
  session << "INSERT INTO events (id, at_ms, kind, subject, server, data)"
             " VALUES (:id, :at, :kind, :subject, :server, :data)",
      soci::use(event.id), soci::use(at), soci::use(event.kind), soci::use(event.subject), soci::use(event.server),
      soci::use(event.data);
}

std::vector<Event> events_after(soci::session& session, long long id, int most) {
  std::vector<Event> events;
  Event event;
  long long at = 0;
  soci::statement select =
      (session.prepare << "SELECT id, at_ms, kind, subject, server, data FROM events WHERE id > :id"
                          " ORDER BY id LIMIT :most",
       soci::use(id), soci::use(most), soci::into(event.id), soci::into(at), soci::into(event.kind),
       soci::into(event.subject), soci::into(event.server), soci::into(event.data));
  select.execute();
  while (select.fetch()) {
    event.at = from_column(at);
    events.push_back(event);
  }
  return events;
}

std::optional<std::string> latest_event_data(soci::session& session, const EventNote& subject) {
  std::string data;
  session << "SELECT data FROM events WHERE kind = :kind AND subject = :subject ORDER BY id DESC LIMIT 1",
      soci::use(subject.kind), soci::use(subject.subject), soci::into(data);
  if (!session.got_data()) return std::nullopt;
  return data;
}

std::optional<long long> oldest_event(soci::session& session) {
  long long oldest = 0;
  soci::indicator indicator = soci::i_null;
  session << "SELECT MIN(id) FROM events", soci::into(oldest, indicator);
  if (indicator != soci::i_ok) return std::nullopt;
  return oldest;
}

void prune_events(soci::session& session, long long before_id, WallTime before) {
  const auto before_ms = to_column(before);
  session << "DELETE FROM events WHERE id < :id OR at_ms < :before", soci::use(before_id), soci::use(before_ms);
}

}  // namespace rescue::netboot::rows
