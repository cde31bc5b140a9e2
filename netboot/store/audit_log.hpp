// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who changed what, when, from where, and what it was before: written once and never changed.

#include "core/clock.hpp"
#include "netboot/store/acting.hpp"
#include "netboot/store/store.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

enum class AuditOutcome {
  done,    ///< the change was made; the entry is of its transaction
  failed,  ///< nothing was changed: the request was wrong, or we were
  denied   ///< the token may not do this
};

[[nodiscard]] std::string_view name_of(AuditOutcome outcome) noexcept;

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

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class AuditLog {
public:
  /// `store` outlives this.
  explicit AuditLog(Store& store) : store_(store) {}

  void append(const AuditEntry& entry);
  /// The latest first.
  [[nodiscard]] std::vector<AuditEntry> find(const AuditQuery& query);

private:
  Store& store_;
};

}  // namespace rescue::netboot
