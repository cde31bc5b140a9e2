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
  done,    ///< the change was made; the entry is of its transaction
  failed,  ///< nothing was changed: the request was wrong, or we were
  denied   ///< the token may not do this
};

constexpr auto words_of(AuditOutcome) { return words<AuditOutcome>("done", "failed", "denied"); }
using rescue::name_of;

struct AuditEntry {
  long long id = 0;
  Acting by;
  std::string server;  ///< whom it concerns; empty: no server, or several
  AuditOutcome outcome = AuditOutcome::failed;
  std::string error;            ///< the code, when it was not done
  std::string before = "null";  ///< JSON
  std::string after = "null";
};

/// What a change that is not made in the end leaves behind, and what is known of each change beforehand.
[[nodiscard]] AuditEntry entry_of(const Acting& acting);

struct AuditQuery {
  std::string server;  ///< empty: of all
  std::string token;   ///< name or number; empty: of all
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
