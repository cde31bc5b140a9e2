// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The audit log: who changed what, when, from where, and the value before. Written once and never changed.

#include "netboot/store/audit_rows.hpp"
#include "netboot/store/store.hpp"

#include <vector>

namespace rescue::netboot {

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
