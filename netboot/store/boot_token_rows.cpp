// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/boot_token_rows.hpp"

#include "netboot/store/database.hpp"

#include <soci/soci.h>

namespace rescue::netboot::rows {

void insert_boot_token(soci::session& session, const std::string& hash, const BootTokenRow& token) {
  const auto boot = static_cast<int>(token.boot);
  const auto expires = to_column(token.expires);
  session << "INSERT INTO boot_tokens (hash, server, lease, boot, expires_ms)"
             " VALUES (:hash, :server, :lease, :boot, :expires)",
      soci::use(hash), soci::use(token.server), soci::use(token.lease), soci::use(boot), soci::use(expires);
}

std::optional<BootTokenRow> find_boot_token(soci::session& session, const std::string& hash) {
  BootTokenRow row;
  int boot = 0;
  long long expires = 0;
  session << "SELECT server, lease, boot, expires_ms FROM boot_tokens WHERE hash = :hash", soci::use(hash),
      soci::into(row.server), soci::into(row.lease), soci::into(boot), soci::into(expires);
  if (!session.got_data()) return std::nullopt;
  row.boot = static_cast<unsigned>(boot);
  row.expires = from_column(expires);
  return row;
}

int count_boot_tokens(soci::session& session, const std::string& server, long long lease, unsigned boot) {
  const auto number = static_cast<int>(boot);
  int made = 0;
  session << "SELECT COUNT(*) FROM boot_tokens WHERE server = :server AND lease = :lease AND boot = :boot",
      soci::use(server), soci::use(lease), soci::use(number), soci::into(made);
  return made;
}

void delete_boot_tokens(soci::session& session, const std::string& server) {
  session << "DELETE FROM boot_tokens WHERE server = :server", soci::use(server);
}

}  // namespace rescue::netboot::rows
