// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/store.hpp"
#include "netboot/store/tokens.hpp"

namespace rescue::netboot {

Secret Store::issue_admin_token() { return Tokens(*this).issue_first_admin().token; }

Secret Store::issue_agent_token(const ServerName& name) {
  auto token = fresh_token();
  database_->write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, name);
    session << "DELETE FROM tokens WHERE server = :server", soci::use(name.text());
    const auto hash = hash_of(token.reveal());
    const std::string role(name_of(Role::agent));
    const auto label = "agent of " + name.text();
    const auto created = to_column(now());
    session << "INSERT INTO tokens (hash, role, server, label, created_ms)"
               " VALUES (:hash, :role, :server, :label, :created)",
        soci::use(hash), soci::use(role), soci::use(name.text()), soci::use(label), soci::use(created);
    changed.server(name.text());
  });
  return token;
}

std::optional<Caller> Store::caller_of(std::string_view token) { return Tokens(*this).recognise(token).caller; }

}  // namespace rescue::netboot
