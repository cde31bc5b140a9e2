// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/audit_rows.hpp"

#include "netboot/store/database.hpp"

#include <soci/soci.h>

namespace rescue::netboot {

AuditEntry entry_of(const Acting& acting) {
  AuditEntry entry;
  entry.by = acting;
  entry.server = acting.server;
  return entry;
}

}  // namespace rescue::netboot

namespace rescue::netboot::rows {
namespace {

AuditOutcome outcome_of(const std::string& name) {
  for (const auto outcome : {AuditOutcome::done, AuditOutcome::denied}) {
    if (name == name_of(outcome)) return outcome;
  }
  return AuditOutcome::failed;
}

AuditEntry to_entry(const soci::row& row) {
  AuditEntry entry;
  entry.id = std::stoll(row.get<std::string>(0));
  entry.by.at = from_column(row.get<long long>(1));
  entry.by.request_id = row.get<std::string>(2);
  entry.by.who = row.get<std::string>(3);
  entry.by.role = row.get<std::string>(4);
  entry.by.token = row.get<std::string>(5);
  entry.by.method = row.get<std::string>(6);
  entry.by.route = row.get<std::string>(7);
  entry.by.peer = row.get<std::string>(8);
  entry.server = row.get<std::string>(9);
  entry.outcome = outcome_of(row.get<std::string>(10));
  entry.error = row.get<std::string>(11);
  entry.before = row.get<std::string>(12);
  entry.after = row.get<std::string>(13);
  return entry;
}

}  // namespace

void insert_audit_entry(soci::session& session, const AuditEntry& entry) {
  const auto at = to_column(entry.by.at);
  const std::string outcome(name_of(entry.outcome));
  session << "INSERT INTO audit_log (at_ms, request_id, who, role, token, method, route, peer, server, outcome, error,"
             " state_before, state_after) VALUES (:at, :request, :who, :role, :token, :method, :route, :peer, :server,"
             " :outcome, :error, :before, :after)",
      soci::use(at), soci::use(entry.by.request_id), soci::use(entry.by.who), soci::use(entry.by.role),
      soci::use(entry.by.token), soci::use(entry.by.method), soci::use(entry.by.route), soci::use(entry.by.peer),
      soci::use(entry.server), soci::use(outcome), soci::use(entry.error), soci::use(entry.before),
      soci::use(entry.after);
}

std::vector<AuditEntry> audit_entries(soci::session& session, const AuditQuery& query) {
  const auto since = to_column(query.since);
  const auto until = query.until ? to_column(*query.until) : std::numeric_limits<long long>::max();
  // Reads the number as text: engines disagree on the type of a numbered key.
  const soci::rowset<soci::row> found =
      (session.prepare << "SELECT CAST(id AS TEXT), at_ms, request_id, who, role, token, method, route, peer, server,"
                          " outcome, error, state_before, state_after FROM audit_log"
                          " WHERE id < :before AND at_ms >= :since AND at_ms < :until"
                          " AND (:any_server = '' OR server = :server)"
                          " AND (:any_token = '' OR token = :token OR who = :who) ORDER BY id DESC LIMIT :limit",
       soci::use(query.before), soci::use(since), soci::use(until), soci::use(query.server), soci::use(query.server),
       soci::use(query.token), soci::use(query.token), soci::use(query.token), soci::use(query.limit));
  std::vector<AuditEntry> entries;
  for (const auto& row : found) entries.push_back(to_entry(row));
  return entries;
}

}  // namespace rescue::netboot::rows
