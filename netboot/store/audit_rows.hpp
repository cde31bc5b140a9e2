// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of the audit log as values. Inside a transaction only.

#include "core/clock.hpp"
#include "core/words.hpp"
#include "netboot/domain/acting.hpp"
#include "netboot/store/sql_session.hpp"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

enum class AuditOutcome {
  done,    ///< the change was made; its transaction wrote the entry
  failed,  ///< nothing was changed: the request or netbootd failed
  denied   ///< the token may not do this
};

constexpr auto words_of(AuditOutcome) { return words<AuditOutcome>("done", "failed", "denied"); }
using rescue::name_of;

struct AuditEntry {
  long long id = 0;
  Acting by;
  std::string server;  ///< its subject; empty: no server, or several
  AuditOutcome outcome = AuditOutcome::failed;
  std::string error;            ///< error code of a failed or denied request
  std::string before = "null";  ///< JSON
  std::string after = "null";
};

/// Makes the entry of a failed change, and the first part of any entry.
[[nodiscard]] AuditEntry entry_of(const Acting& acting);

struct AuditQuery {
  std::string server;  ///< empty: any
  std::string token;   ///< name or number; empty: any
  WallTime since{};
  std::optional<WallTime> until{};
  long long before = std::numeric_limits<long long>::max();  ///< entries with smaller numbers: the cursor
  int limit = 100;
};

}  // namespace rescue::netboot

namespace rescue::netboot::rows {

void insert_audit_entry(soci::session& session, const AuditEntry& entry);
[[nodiscard]] std::vector<AuditEntry> audit_entries(soci::session& session, const AuditQuery& query);

}  // namespace rescue::netboot::rows
