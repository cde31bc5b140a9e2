// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/events/events.hpp"

#include "netboot/events/event_text.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/delivery_rows.hpp"
#include "netboot/store/lease_rows.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/secret_link_rows.hpp"
#include "netboot/store/session_rows.hpp"
#include "netboot/store/task_rows.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace rescue::netboot {
namespace {

constexpr int most_notes = 500;  ///< notes per transaction

/// The number in "t-7", "o-7" or "d-7".
long long number_in(const std::string& id) {
  long long number = 0;
  const auto digits = id.substr(std::min<std::size_t>(2, id.size()));
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// Merges notes about the same subject: it is read once.
std::vector<rows::EventNote> merged(const std::vector<rows::EventNote>& notes) {
  std::vector<rows::EventNote> distinct;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  for (const auto& note : notes) {
    const auto [place, is_first] = places.try_emplace({note.kind, note.subject}, distinct.size());
    if (is_first) {
      distinct.push_back(note);
    } else if (note.is_new) {
      distinct[place->second].is_new = true;
    }
  }
  return distinct;
}

}  // namespace

void Events::record() {
  while (record_some()) {
  }
}

bool Events::record_some() {
  const auto waiting =
      store_.database().read([](soci::session& session) { return !rows::event_notes(session, 1).empty(); });
  if (!waiting) return false;
  return store_.database().write([&](soci::session& session) {
    rows::lock_event_head(session);
    const auto notes = rows::event_notes(session, most_notes);
    auto newest = rows::event_head(session);
    for (const auto& note : merged(notes)) {
      auto data = data_of(session, note);
      if (!data) continue;
      rows::insert_event(session, {++newest, store_.now(), note.kind, note.subject, note.server, *std::move(data)});
    }
    rows::remove_event_notes(session, notes);
    rows::set_event_head(session, newest);
    return notes.size() == most_notes;
  });
}

/// Data of the event; none if it equals the last one, or the subject was removed with its server.
std::optional<std::string> Events::data_of(soci::session& session, const rows::EventNote& note) const {
  if (note.kind == "reset") return reset_event_data();
  if (note.kind == "server") {
    if (!rows::find_server(session, note.subject)) return server_event_data(note.subject, "removed", BootMode::disk);
    const auto mode = mode_at(rows::current_lease(session, note.subject), store_.limits(), store_.now());
    return server_event_data(note.subject, note.is_new ? "added" : "changed", mode);
  }
  std::optional<std::string> data;
  if (note.kind == "lease-ends-soon") {
    if (const auto lease = rows::current_lease(session, note.subject)) data = lease_event_data(note.subject, *lease);
  } else if (note.kind == "task") {
    if (const auto task = rows::find_task(session, number_in(note.subject))) data = task_event_data(*task);
  } else if (note.kind == "secret") {
    if (const auto link = rows::find_secret_link(session, number_in(note.subject))) {
      data = secret_event_data(*link, store_.now());
    }
  } else if (note.kind == "delivery") {
    if (const auto record = rows::find_delivery(session, number_in(note.subject))) data = delivery_event_data(*record);
  } else if (const auto agent = rows::find_session(session, note.subject)) {
    data = session_event_data(*agent);
  }
  if (data && data == rows::latest_event_data(session, note)) return std::nullopt;
  return data;
}

void Events::announce_lease_ends() {
  if (limits_.lease_ends_soon.count() == 0) return;
  const auto ending = [this](soci::session& session) {
    const auto now = store_.now();
    return rows::servers_with_lease_end(session, now, now + limits_.lease_ends_soon, most_notes);
  };
  if (store_.database().read(ending).empty()) return;
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_event_head(session);  // another netbootd may announce them at the same time
    for (const auto& server : ending(session)) {
      rows::announce_end(session, server, store_.now() + limits_.lease_ends_soon);
      changed.lease_ends_soon(server);
    }
  });
}

void Events::prune() {
  store_.database().write([&](soci::session& session) {
    rows::lock_event_head(session);
    rows::prune_events(session, rows::event_head(session) - limits_.most + 1, store_.now() - limits_.age);
  });
}

std::vector<Event> Events::after(long long id, int most) {
  return store_.database().read([&](soci::session& session) { return rows::events_after(session, id, most); });
}

Events::Bounds Events::bounds() {
  return store_.database().read([](soci::session& session) {
    const auto newest = rows::event_head(session);
    return Bounds{rows::oldest_event(session).value_or(newest + 1), newest};
  });
}

}  // namespace rescue::netboot
