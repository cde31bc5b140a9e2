// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of the audit log as values. Inside a transaction only.

#include "netboot/store/audit_log.hpp"

#include <soci/soci.h>

#include <vector>

namespace rescue::netboot::rows {

void insert_audit_entry(soci::session& session, const AuditEntry& entry);
[[nodiscard]] std::vector<AuditEntry> audit_entries(soci::session& session, const AuditQuery& query);

}  // namespace rescue::netboot::rows
