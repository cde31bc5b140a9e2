// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Records written in the same transaction as a change: the audit log's entry, and the execution of a request with this
// Idempotency-Key.

#include "netboot/store/changes.hpp"
#include "netboot/store/sql_session.hpp"

#include <string>

namespace rescue::netboot {

class AuditRecord {
public:
  /// Reads the state before, if this thread acts for a request (ActingScope) whose path names a server.
  explicit AuditRecord(soci::session& session);

  /// Writes the entry, with the state after, if the transaction has changed something.
  void write(const ChangeSet& changed);

private:
  soci::session& session_;
  std::string server_;
  std::string before_ = "null";
};

}  // namespace rescue::netboot
