// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/console_rows.hpp"

#include "core/error.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

#include <utility>

namespace rescue::netboot::rows {
namespace {

// Reads numbers as text: engines disagree on the type of a numbered key.
constexpr auto pass_columns =
    "SELECT CAST(id AS TEXT), server, session, role, made_by, created_ms, expires_ms, used_ms, revoked_ms, revoked_by"
    " FROM console_passes ";
constexpr auto viewer_columns =
    "SELECT CAST(id AS TEXT), CAST(pass AS TEXT), server, session, role, label, address, relay_url, connection,"
    " since_ms, seen_ms, broken_ms, ended_ms, end_reason FROM console_viewers ";

ConsoleRole role_in(const std::string& word) { return parse_word<ConsoleRole>(word).value_or(ConsoleRole::view); }

ConsolePass to_pass(const soci::row& row) {
  ConsolePass pass{std::stoll(row.get<std::string>(0)),
                   ServerName::parse(row.get<std::string>(1)),
                   row.get<std::string>(2),
                   role_in(row.get<std::string>(3)),
                   row.get<std::string>(4),
                   from_column(row.get<long long>(5)),
                   from_column(row.get<long long>(6))};
  pass.used = time_or_none(row, 7);
  pass.revoked = time_or_none(row, 8);
  pass.revoked_by = row.get<std::string>(9);
  return pass;
}

ConsoleViewer to_viewer(const soci::row& row) {
  ConsoleViewer viewer{std::stoll(row.get<std::string>(0)), std::stoll(row.get<std::string>(1)),
                       ServerName::parse(row.get<std::string>(2)), row.get<std::string>(3),
                       role_in(row.get<std::string>(4))};
  viewer.label = row.get<std::string>(5);
  viewer.address = row.get<std::string>(6);
  viewer.relay_url = row.get<std::string>(7);
  viewer.connection = row.get<int>(8);
  viewer.since = from_column(row.get<long long>(9));
  viewer.seen = from_column(row.get<long long>(10));
  viewer.broken = time_or_none(row, 11);
  viewer.ended = time_or_none(row, 12);
  viewer.end_reason = row.get<std::string>(13);
  return viewer;
}

template <class Value>
std::vector<Value> all_in(const soci::rowset<soci::row>& found, Value (*read)(const soci::row&)) {
  std::vector<Value> values;
  for (const auto& row : found) values.push_back(read(row));
  return values;
}

template <class Value>
std::optional<Value> first_in(const soci::rowset<soci::row>& found, Value (*read)(const soci::row&)) {
  auto values = all_in(found, read);
  return values.empty() ? std::nullopt : std::optional(std::move(values.front()));
}

/// A time that may be missing, as a column.
struct ConsoleTime {
  explicit ConsoleTime(const std::optional<WallTime>& time)
      : value(to_column(time.value_or(WallTime{}))), indicator(time ? soci::i_ok : soci::i_null) {}
  long long value;
  soci::indicator indicator;
};

}  // namespace

void insert_console_pass(soci::session& session, ConsolePass& pass, const std::string& hash) {
  const auto created = to_column(pass.created);
  const auto expires = to_column(pass.expires);
  const std::string role(name_of(pass.role));
  session << "INSERT INTO console_passes (hash, server, session, role, made_by, created_ms, expires_ms, revoked_by)"
             " VALUES (:hash, :server, :session, :role, :by, :created, :expires, '')",
      soci::use(hash), soci::use(pass.server.text()), soci::use(pass.session), soci::use(role), soci::use(pass.made_by),
      soci::use(created), soci::use(expires);
  session << "SELECT id FROM console_passes WHERE hash = :hash", soci::use(hash), soci::into(pass.id);
}

std::optional<ConsolePass> console_pass_of_hash(soci::session& session, const std::string& hash) {
  return first_in((session.prepare << pass_columns << "WHERE hash = :hash", soci::use(hash)), &to_pass);
}

ConsolePass require_console_pass(soci::session& session, long long id) {
  auto found = first_in((session.prepare << pass_columns << "WHERE id = :id", soci::use(id)), &to_pass);
  if (found) return *std::move(found);
  throw Error(ErrorCode::not_found, fmt::format("there is no console c-{}", id),
              "'netbootctl console list SERVER' shows those of a server.");
}

std::vector<ConsolePass> console_passes_of(soci::session& session, const std::string& of, std::size_t limit) {
  const auto most = static_cast<long long>(limit);
  return all_in((session.prepare << pass_columns << "WHERE session = :session ORDER BY id DESC LIMIT :most",
                 soci::use(of), soci::use(most)),
                &to_pass);
}

int count_console_passes_since(soci::session& session, const std::string& of, WallTime since) {
  const auto from = to_column(since);
  int made = 0;
  session << "SELECT COUNT(*) FROM console_passes WHERE session = :session AND created_ms > :since", soci::use(of),
      soci::use(from), soci::into(made);
  return made;
}

void lock_console_pass(soci::session& session, long long id) {
  session << "UPDATE console_passes SET revoked_by = revoked_by WHERE id = :id", soci::use(id);
}

void update_console_pass(soci::session& session, const ConsolePass& pass) {
  ConsoleTime used(pass.used);
  ConsoleTime revoked(pass.revoked);
  session << "UPDATE console_passes SET used_ms = :used, revoked_ms = :revoked, revoked_by = :by WHERE id = :id",
      soci::use(used.value, used.indicator), soci::use(revoked.value, revoked.indicator), soci::use(pass.revoked_by),
      soci::use(pass.id);
}

void insert_console_viewer(soci::session& session, ConsoleViewer& viewer, const std::string& resume_hash) {
  const auto since = to_column(viewer.since);
  const auto seen = to_column(viewer.seen);
  const std::string role(name_of(viewer.role));
  session << "INSERT INTO console_viewers (pass, server, session, role, label, address, relay_url, connection,"
             " resume_hash, resume_before, since_ms, seen_ms, end_reason) VALUES (:pass, :server, :session, :role, "
             ":label, :address,"
             " :relay, :connection, :resume, '', :since, :seen, '')",
      soci::use(viewer.pass), soci::use(viewer.server.text()), soci::use(viewer.session), soci::use(role),
      soci::use(viewer.label), soci::use(viewer.address), soci::use(viewer.relay_url), soci::use(viewer.connection),
      soci::use(resume_hash), soci::use(since), soci::use(seen);
  session << "SELECT id FROM console_viewers WHERE pass = :pass", soci::use(viewer.pass), soci::into(viewer.id);
}

std::optional<ConsoleViewer> console_viewer_of_resume(soci::session& session, const std::string& hash) {
  return first_in((session.prepare << viewer_columns << "WHERE resume_hash = :hash OR resume_before = :same",
                   soci::use(hash), soci::use(hash)),
                  &to_viewer);
}

std::optional<ConsoleViewer> find_console_viewer(soci::session& session, long long id) {
  return first_in((session.prepare << viewer_columns << "WHERE id = :id", soci::use(id)), &to_viewer);
}

std::vector<ConsoleViewer> open_console_viewers_of(soci::session& session, const std::string& of) {
  return all_in(
      (session.prepare << viewer_columns << "WHERE session = :session AND ended_ms IS NULL ORDER BY id", soci::use(of)),
      &to_viewer);
}

std::vector<ConsoleViewer> silent_console_viewers(soci::session& session, WallTime broken, WallTime seen) {
  const auto broken_before = to_column(broken);
  const auto seen_before = to_column(seen);
  return all_in((session.prepare << viewer_columns
                                 << "WHERE ended_ms IS NULL AND (broken_ms < :broken OR seen_ms < :seen) LIMIT 100",
                 soci::use(broken_before), soci::use(seen_before)),
                &to_viewer);
}

void update_console_viewer(soci::session& session, const ConsoleViewer& viewer) {
  const auto seen = to_column(viewer.seen);
  ConsoleTime broken(viewer.broken);
  ConsoleTime ended(viewer.ended);
  session << "UPDATE console_viewers SET label = :label, address = :address, relay_url = :relay,"
             " connection = :connection, seen_ms = :seen, broken_ms = :broken, ended_ms = :ended,"
             " end_reason = :reason WHERE id = :id",
      soci::use(viewer.label), soci::use(viewer.address), soci::use(viewer.relay_url), soci::use(viewer.connection),
      soci::use(seen), soci::use(broken.value, broken.indicator), soci::use(ended.value, ended.indicator),
      soci::use(viewer.end_reason), soci::use(viewer.id);
}

void replace_resume_token(soci::session& session, long long id, const std::string& used, const std::string& next) {
  session << "UPDATE console_viewers SET resume_hash = :next, resume_before = :used WHERE id = :id", soci::use(next),
      soci::use(used), soci::use(id);
}

void touch_console_viewer(soci::session& session, long long id, int connection, WallTime now) {
  const auto seen = to_column(now);
  session << "UPDATE console_viewers SET seen_ms = :seen WHERE id = :id AND connection = :connection", soci::use(seen),
      soci::use(id), soci::use(connection);
}

void delete_consoles_of(soci::session& session, const std::string& server) {
  session << "DELETE FROM console_viewers WHERE server = :server", soci::use(server);
  session << "DELETE FROM console_passes WHERE server = :server", soci::use(server);
}

}  // namespace rescue::netboot::rows
