// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/audit_record.hpp"

#include "netboot/domain/acting.hpp"
#include "netboot/store/audit_rows.hpp"
#include "netboot/store/idempotency_rows.hpp"
#include "netboot/store/snapshot.hpp"

#include <nlohmann/json.hpp>
#include <soci/soci.h>

#include <set>

namespace rescue::netboot {
namespace {

std::string text_of(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::set<std::string> servers_in(const ChangeSet& changed) {
  std::set<std::string> servers;
  for (const auto& change : changed.all()) {
    if (!change.server.empty()) servers.insert(change.server);
  }
  return servers;
}

/// State of one server, a list of several, or only the names of very many (an import).
std::string state_of(soci::session& session, const std::set<std::string>& servers) {
  constexpr std::size_t most_shown = 50;
  if (servers.size() == 1) return text_of(rows::snapshot_of(session, *servers.begin()));
  if (servers.size() > most_shown) return text_of({{"servers", servers}});
  auto all = nlohmann::json::array();
  for (const auto& server : servers) all.push_back(rows::snapshot_of(session, server));
  return text_of(all);
}

}  // namespace

AuditRecord::AuditRecord(soci::session& session) : session_(session) {
  const auto* const scope = ActingScope::current();
  if (scope == nullptr || scope->acting().server.empty()) return;
  server_ = scope->acting().server;
  before_ = text_of(rows::snapshot_of(session, server_));
}

void AuditRecord::write(const ChangeSet& changed) {
  auto* const scope = ActingScope::current();
  if (scope == nullptr) return;
  const auto subject = scope->take_subject();
  const auto servers = servers_in(changed);
  if (!subject && servers.empty()) return;
  auto entry = entry_of(scope->acting());
  entry.outcome = AuditOutcome::done;
  if (entry.server.empty() && servers.size() == 1) entry.server = *servers.begin();
  if (subject) {
    entry.before = subject->before;
    entry.after = subject->after;
  } else {
    entry.before = before_;
    entry.after = state_of(session_, servers);
  }
  rows::insert_audit_entry(session_, entry);
  rows::mark_carried_out(session_, scope->acting().token, scope->acting().idempotency_key);
  scope->count_entry();
}

}  // namespace rescue::netboot
