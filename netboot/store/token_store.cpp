// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/store.hpp"

namespace rescue::netboot {
namespace {

void insert(soci::session& session, const Secret& token, const Caller& owner, WallTime now) {
  const auto hash = hash_of(token.reveal());
  const std::string role(name_of(owner.role));
  const auto server = owner.server ? owner.server->text() : std::string{};
  auto has_server = owner.server ? soci::i_ok : soci::i_null;
  const auto created = to_column(now);
  session << "INSERT INTO tokens (hash, role, server, label, created_ms)"
             " VALUES (:hash, :role, :server, :label, :created)",
      soci::use(hash), soci::use(role), soci::use(server, has_server), soci::use(owner.label), soci::use(created);
}

std::optional<Caller> owner_of_token(soci::session& session, const std::string& hash) {
  std::string role;
  std::string label;
  std::string server;
  soci::indicator has_server = soci::i_null;
  session << "SELECT role, label, server FROM tokens WHERE hash = :hash", soci::use(hash), soci::into(role),
      soci::into(label), soci::into(server, has_server);
  if (!session.got_data()) return std::nullopt;
  Caller caller;
  caller.role = role == name_of(Role::admin) ? Role::admin : Role::agent;
  caller.label = std::move(label);
  if (has_server == soci::i_ok) caller.server = ServerName::parse(server);
  return caller;
}

std::optional<Caller> agent_of_session(soci::session& session, const std::string& hash) {
  std::string id;
  std::string server;
  session << "SELECT id, server FROM sessions WHERE agent_hash = :hash AND revoked = ''", soci::use(hash),
      soci::into(id), soci::into(server);
  if (!session.got_data()) return std::nullopt;
  return Caller{Role::agent, "agent of " + server, ServerName::parse(server), id};
}

}  // namespace

Secret Store::issue_admin_token() {
  auto token = fresh_token();
  database_->write([&](soci::session& session) {
    session << "DELETE FROM tokens WHERE role = 'admin'";
    insert(session, token, {Role::admin, "admin", std::nullopt}, now());
  });
  return token;
}

Secret Store::issue_agent_token(const ServerName& name) {
  auto token = fresh_token();
  database_->write([&](soci::session& session) {
    (void)rows::require_server(session, name);
    session << "DELETE FROM tokens WHERE role = 'agent' AND server = :server", soci::use(name.text());
    insert(session, token, {Role::agent, "agent of " + name.text(), name}, now());
  });
  return token;
}

std::optional<Caller> Store::caller_of(std::string_view token) {
  const auto hash = hash_of(token);
  return database_->read([&](soci::session& session) {
    auto caller = owner_of_token(session, hash);
    return caller ? caller : agent_of_session(session, hash);
  });
}

}  // namespace rescue::netboot
