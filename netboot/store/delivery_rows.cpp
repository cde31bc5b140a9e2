// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/delivery_rows.hpp"

#include "core/error.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

#include <utility>

namespace rescue::netboot::rows {
namespace {

// Reads the number as text: engines disagree on the type of a numbered key.
constexpr auto delivery_columns =
    "SELECT CAST(id AS TEXT), server, session, kind, receiver, receiver_kind, address, language, tag, created_ms,"
    " expires_ms, due_ms, attempts, state, result, ended_ms, box, claimed_by FROM deliveries ";

DeliveryRecord to_delivery(const soci::row& row) {
  DeliveryRecord record{std::stoll(row.get<std::string>(0)), ServerName::parse(row.get<std::string>(1))};
  record.session = row.get<std::string>(2);
  record.kind = parse_word<DeliveryKind>(row.get<std::string>(3)).value_or(DeliveryKind::access);
  record.receiver = row.get<std::string>(4);
  record.receiver_kind = parse_word<ReceiverKind>(row.get<std::string>(5)).value_or(ReceiverKind::mail);
  record.address = row.get<std::string>(6);
  record.language = row.get<std::string>(7);
  record.tag = row.get<std::string>(8);
  record.created = from_column(row.get<long long>(9));
  record.expires = from_column(row.get<long long>(10));
  record.due = from_column(row.get<long long>(11));
  record.attempts = row.get<int>(12);
  record.state = parse_word<DeliveryState>(row.get<std::string>(13)).value_or(DeliveryState::failed);
  record.result = row.get<std::string>(14);
  record.ended = time_or_none(row, 15);
  record.box = row.get<std::string>(16);
  record.claim = row.get<std::string>(17);
  return record;
}

std::vector<DeliveryRecord> deliveries_in(const soci::rowset<soci::row>& found) {
  std::vector<DeliveryRecord> records;
  for (const auto& row : found) records.push_back(to_delivery(row));
  return records;
}

std::optional<DeliveryRecord> first_delivery_in(const soci::rowset<soci::row>& found) {
  auto records = deliveries_in(found);
  return records.empty() ? std::nullopt : std::optional(std::move(records.front()));
}

// A helpdesk's folder gets no notices: sessions with nothing else are left out.
constexpr auto delivered_sessions =
    "SELECT deliveries.session, deliveries.server, MAX(deliveries.address), MAX(deliveries.language),"
    " CAST(MAX(leases.expires_ms) AS TEXT) FROM deliveries JOIN sessions ON sessions.id = deliveries.session"
    " JOIN leases ON leases.id = sessions.lease WHERE deliveries.kind = 'access'"
    " AND deliveries.receiver_kind <> 'drop-folder'";
constexpr auto by_session = " GROUP BY deliveries.session, deliveries.server LIMIT 100";

std::vector<DeliveredSession> sessions_in(const soci::rowset<soci::row>& found) {
  std::vector<DeliveredSession> sessions;
  for (const auto& row : found) {
    sessions.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2),
                        row.get<std::string>(3), from_column(std::stoll(row.get<std::string>(4)))});
  }
  return sessions;
}

/// Columns that an attempt changes.
struct DeliveryColumns {
  explicit DeliveryColumns(const DeliveryRecord& record)
      : state(name_of(record.state)), due(to_column(record.due)), ended(to_column(record.ended.value_or(WallTime{}))),
        has_ended(record.ended ? soci::i_ok : soci::i_null) {}
  std::string state;
  long long due;
  long long ended;
  soci::indicator has_ended;
};

}  // namespace

bool insert_delivery(soci::session& session, DeliveryRecord& record, const std::string& key) {
  const std::string kind(name_of(record.kind));
  const std::string receiver_kind(name_of(record.receiver_kind));
  const std::string state(name_of(record.state));
  const auto created = to_column(record.created);
  const auto expires = to_column(record.expires);
  const auto due = to_column(record.due);
  session
      << "INSERT INTO deliveries (server, session, kind, receiver, receiver_kind, address, language, tag, repeat_key,"
         " created_ms, expires_ms, due_ms, claimed_by, claimed_until_ms, attempts, state, result, box)"
         " VALUES (:server, :session, :kind, :receiver, :rkind, :address, :language, :tag, :key, :created,"
         " :expires, :due, '', 0, 0, :state, '', :box) ON CONFLICT (repeat_key) DO NOTHING",
      soci::use(record.server.text()), soci::use(record.session), soci::use(kind), soci::use(record.receiver),
      soci::use(receiver_kind), soci::use(record.address), soci::use(record.language), soci::use(record.tag),
      soci::use(key), soci::use(created), soci::use(expires), soci::use(due), soci::use(state), soci::use(record.box);
  session << "SELECT id FROM deliveries WHERE tag = :tag", soci::use(record.tag), soci::into(record.id);
  return session.got_data();
}

std::optional<DeliveryRecord> find_delivery(soci::session& session, long long id) {
  return first_delivery_in((session.prepare << delivery_columns << "WHERE id = :id", soci::use(id)));
}

DeliveryRecord require_delivery(soci::session& session, long long id) {
  if (auto found = find_delivery(session, id)) return *std::move(found);
  throw Error(ErrorCode::not_found, fmt::format("there is no delivery d-{}", id),
              "'netbootctl delivery list SERVER' shows those of a server.");
}

std::optional<DeliveryRecord> delivery_of_tag(soci::session& session, const std::string& tag) {
  return first_delivery_in((session.prepare << delivery_columns << "WHERE tag = :tag", soci::use(tag)));
}

std::vector<DeliveryRecord> deliveries_of(soci::session& session, const std::string& server, long long before,
                                          std::size_t limit) {
  const auto most = static_cast<long long>(limit);
  return deliveries_in(
      (session.prepare << delivery_columns << "WHERE server = :server AND id < :before ORDER BY id DESC LIMIT :most",
       soci::use(server), soci::use(before), soci::use(most)));
}

std::vector<DeliveryRecord> deliveries_of_session(soci::session& session, const std::string& id) {
  constexpr long long most = 100;
  return deliveries_in((session.prepare << delivery_columns << "WHERE session = :id ORDER BY id DESC LIMIT :most",
                        soci::use(id), soci::use(most)));
}

bool is_superseded(soci::session& session, const DeliveryRecord& record) {
  const std::string access(name_of(DeliveryKind::access));
  int count = 0;
  session << "SELECT (SELECT COUNT(*) FROM sessions WHERE id = :session AND ended_ms IS NOT NULL)"
             " + (SELECT COUNT(*) FROM deliveries WHERE session = :same AND receiver = :receiver AND kind = :kind"
             " AND id > :id)",
      soci::use(record.session, "session"), soci::use(record.session, "same"), soci::use(record.receiver, "receiver"),
      soci::use(access, "kind"), soci::use(record.id, "id"), soci::into(count);
  return count > 0;
}

std::vector<DeliveredSession> ended_sessions(soci::session& session, WallTime since) {
  const auto from = to_column(since);
  return sessions_in((session.prepare << delivered_sessions
                                      << " AND deliveries.created_ms > :since AND sessions.ended_ms IS NOT NULL"
                                         " AND NOT EXISTS (SELECT 1 FROM deliveries AS notice WHERE notice.session ="
                                         " deliveries.session AND notice.kind = 'ended')"
                                      << by_session,
                      soci::use(from)));
}

std::vector<DeliveredSession> ending_sessions(soci::session& session, WallTime now, WallTime until) {
  const auto from = to_column(now);
  const auto end = to_column(until);
  return sessions_in((session.prepare << delivered_sessions
                                      << " AND sessions.ended_ms IS NULL AND leases.ended_ms IS NULL"
                                         " AND leases.expires_ms > :now AND leases.expires_ms <= :until"
                                         " AND NOT EXISTS (SELECT 1 FROM deliveries AS notice WHERE notice.session ="
                                         " deliveries.session AND notice.kind = 'ends-soon'"
                                         " AND notice.expires_ms = leases.expires_ms)"
                                      << by_session,
                      soci::use(from), soci::use(end)));
}

std::optional<long long> due_delivery(soci::session& session, const std::string& receiver, WallTime now) {
  const auto time = to_column(now);
  std::string id;
  session << "SELECT CAST(id AS TEXT) FROM deliveries WHERE state = 'waiting' AND due_ms <= :now"
             " AND claimed_until_ms <= :same AND receiver = :receiver ORDER BY due_ms, id LIMIT 1",
      soci::use(time, "now"), soci::use(time, "same"), soci::use(receiver, "receiver"), soci::into(id);
  return session.got_data() ? std::optional(std::stoll(id)) : std::nullopt;
}

std::vector<DeliveryRecord> expired_deliveries(soci::session& session, WallTime now, std::size_t limit) {
  const auto time = to_column(now);
  const auto most = static_cast<long long>(limit);
  return deliveries_in((session.prepare << delivery_columns
                                        << "WHERE state = 'waiting' AND expires_ms < :now AND claimed_until_ms <= :same"
                                           " ORDER BY id LIMIT :most",
                        soci::use(time, "now"), soci::use(time, "same"), soci::use(most, "most")));
}

bool claim_delivery(soci::session& session, long long id, const std::string& by, WallTime now, WallTime until) {
  const auto time = to_column(now);
  const auto until_time = to_column(until);
  int attempts = 0;
  // Counts the attempt before it is made: one that kills its netbootd counts, too.
  session << "UPDATE deliveries SET claimed_by = :by, claimed_until_ms = :until, attempts = attempts + 1"
             " WHERE id = :id AND state = 'waiting' AND claimed_until_ms <= :now RETURNING attempts",
      soci::use(by, "by"), soci::use(until_time, "until"), soci::use(id, "id"), soci::use(time, "now"),
      soci::into(attempts);
  return session.got_data();
}

bool update_claimed_delivery(soci::session& session, const DeliveryRecord& record) {
  DeliveryColumns columns(record);
  int attempts = 0;
  session << "UPDATE deliveries SET state = :state, result = :result, box = :box, due_ms = :due, ended_ms = :ended,"
             " claimed_by = '', claimed_until_ms = 0 WHERE id = :id AND state = 'waiting' AND claimed_by = :claim"
             " RETURNING attempts",
      soci::use(columns.state, "state"), soci::use(record.result, "result"), soci::use(record.box, "box"),
      soci::use(columns.due, "due"), soci::use(columns.ended, columns.has_ended, "ended"), soci::use(record.id, "id"),
      soci::use(record.claim, "claim"), soci::into(attempts);
  return session.got_data();
}

void update_delivery(soci::session& session, const DeliveryRecord& record) {
  DeliveryColumns columns(record);
  session << "UPDATE deliveries SET state = :state, result = :result, box = :box, due_ms = :due, ended_ms = :ended"
             " WHERE id = :id",
      soci::use(columns.state, "state"), soci::use(record.result, "result"), soci::use(record.box, "box"),
      soci::use(columns.due, "due"), soci::use(columns.ended, columns.has_ended, "ended"), soci::use(record.id, "id");
}

void lock_delivery(soci::session& session, long long id) {
  session << "UPDATE deliveries SET attempts = attempts WHERE id = :id", soci::use(id);
}

void abandon_delivery_claims(soci::session& session) {
  session << "UPDATE deliveries SET claimed_by = '', claimed_until_ms = 0 WHERE claimed_until_ms > 0";
}

void delete_deliveries_of(soci::session& session, const std::string& server) {
  session << "DELETE FROM deliveries WHERE server = :server", soci::use(server);
}

}  // namespace rescue::netboot::rows
