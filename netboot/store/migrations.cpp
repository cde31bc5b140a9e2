// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/migrations.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/dialect.hpp"
#include "netboot/store/schema_steps.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

#include <string>

namespace rescue::netboot {
namespace {

/// Repeated at each start until it is resolved.
void warn_of_shared_addresses(soci::session& session) {
  const soci::rowset<soci::row> shared =
      (session.prepare << "SELECT servers.name, servers.address, first.name FROM servers JOIN servers AS first"
                          " ON first.address = servers.address AND first.shares_address = 0"
                          " WHERE servers.shares_address = 1 ORDER BY servers.name LIMIT 20");
  for (const auto& row : shared) {
    log::warning("the servers {} and {} have one address, {}: correct it with netbootctl server edit",
                 row.get<std::string>(0), row.get<std::string>(2), row.get<std::string>(1));
  }
}

void ensure_version_table(soci::session& session) {
  session << "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)";
}

}  // namespace

int newest_schema() noexcept { return static_cast<int>(schema_steps().size()); }

int schema_of(soci::session& session) {
  int version = 0;
  soci::indicator indicator = soci::i_null;
  session << "SELECT version FROM schema_version", soci::into(version, indicator);
  return session.got_data() && indicator == soci::i_ok ? version : 0;
}

void migrate(soci::session& session) {
  const auto& words = dialect_of(session);
  for (bool done = false; !done;) {
    // Reads the version inside the transaction, because another process may migrate at the same time.
    session << words.begin_migration;
    Transaction transaction(session);
    ensure_version_table(session);
    const int version = schema_of(session);
    if (version > newest_schema()) {
      throw Error(ErrorCode::precondition,
                  fmt::format("the database has schema {}, and this netbootd knows {}", version, newest_schema()),
                  "A newer netbootd has written it: install that version again, or restore a backup.");
    }
    done = version == newest_schema();
    if (!done) {
      for (const auto& statement : schema_steps()[static_cast<std::size_t>(version)]()) {
        session << in_words_of(words, statement);
      }
      const int next = version + 1;
      session << "DELETE FROM schema_version";
      session << "INSERT INTO schema_version (version) VALUES (:version)", soci::use(next);
      log::info("database: schema {}", next);
    }
    transaction.commit();
  }
  warn_of_shared_addresses(session);
}

}  // namespace rescue::netboot
