// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/audit_log.hpp"

#include "netboot/store/database.hpp"

namespace rescue::netboot {

void AuditLog::append(const AuditEntry& entry) {
  store_.database().write([&](soci::session& session) { rows::insert_audit_entry(session, entry); });
}

std::vector<AuditEntry> AuditLog::find(const AuditQuery& query) {
  return store_.database().read([&](soci::session& session) { return rows::audit_entries(session, query); });
}

}  // namespace rescue::netboot
