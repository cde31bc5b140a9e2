// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/audit_log.hpp"

#include "netboot/store/audit_rows.hpp"
#include "netboot/store/database.hpp"

namespace rescue::netboot {

std::string_view name_of(AuditOutcome outcome) noexcept {
  switch (outcome) {
  case AuditOutcome::done:
    return "done";
  case AuditOutcome::failed:
    return "failed";
  case AuditOutcome::denied:
    return "denied";
  }
  return "failed";
}

AuditEntry entry_of(const Acting& acting) {
  AuditEntry entry;
  entry.by = acting;
  entry.server = acting.server;
  return entry;
}

void AuditLog::append(const AuditEntry& entry) {
  store_.database().write([&](soci::session& session) { rows::insert_audit_entry(session, entry); });
}

std::vector<AuditEntry> AuditLog::find(const AuditQuery& query) {
  return store_.database().read([&](soci::session& session) { return rows::audit_entries(session, query); });
}

}  // namespace rescue::netboot
