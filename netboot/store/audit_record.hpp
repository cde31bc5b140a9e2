// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is written in the transaction that makes a change, so that both are there or neither: the audit log's entry, and
// that the request with this Idempotency-Key has been carried out.

#include "netboot/store/changes.hpp"
#include "netboot/store/sql_session.hpp"

#include <string>

namespace rescue::netboot {

class AuditRecord {
public:
  /// Looks at what is before, when this thread acts for a request (ActingScope) whose path names a server.
  explicit AuditRecord(soci::session& session);

  /// Writes the entry when the transaction has changed something, with what is now.
  void write(const ChangeSet& changed);

private:
  soci::session& session_;
  std::string server_;
  std::string before_ = "null";
};

}  // namespace rescue::netboot
