// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/token_rows.hpp"

#include "core/error.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <soci/soci.h>

#include <algorithm>

namespace rescue::netboot::rows {
namespace {

using nlohmann::json;

// Reads the number as text first: engines disagree on the type of a numbered key.
constexpr auto token_columns =
    "SELECT CAST(id AS TEXT), name, role, servers, created_by, created_ms, expires_ms, used_ms, used_from, revoked_ms,"
    " revoked_by, tags, identity FROM api_tokens ";

std::string text_of(const std::vector<std::string>& names) { return json(names).dump(); }

TokenFacts to_token(const soci::row& row) {
  TokenFacts token;
  token.id = std::stoll(row.get<std::string>(0));
  token.name = row.get<std::string>(1);
  token.role = role_of(row.get<std::string>(2)).value_or(Role::read_only);
  token.scope.servers = json::parse(row.get<std::string>(3)).get<std::vector<std::string>>();
  token.created_by = row.get<std::string>(4);
  token.created = from_column(row.get<long long>(5));
  token.expires = time_or_none(row, 6);
  token.used = time_or_none(row, 7);
  token.used_from = row.get<std::string>(8);
  token.revoked = time_or_none(row, 9);
  token.revoked_by = row.get<std::string>(10);
  token.scope.tags = json::parse(row.get<std::string>(11)).get<std::vector<std::string>>();
  token.identity = row.get<int>(12) != 0;
  return token;
}

std::vector<TokenFacts> all_of(const soci::rowset<soci::row>& found) {
  std::vector<TokenFacts> tokens;
  for (const auto& row : found) tokens.push_back(to_token(row));
  return tokens;
}

std::optional<TokenFacts> first_of(const soci::rowset<soci::row>& found) {
  auto tokens = all_of(found);
  return tokens.empty() ? std::nullopt : std::optional(std::move(tokens.front()));
}

std::optional<Caller> agent_made_by_hand(soci::session& session, const std::string& hash) {
  std::string label;
  std::string server;
  std::string address;
  session << "SELECT tokens.label, tokens.server, servers.address FROM tokens JOIN servers"
             " ON servers.name = tokens.server WHERE tokens.hash = :hash",
      soci::use(hash), soci::into(label), soci::into(server), soci::into(address);
  if (!session.got_data()) return std::nullopt;
  Caller caller{Role::agent, label, ServerName::parse(server)};
  caller.address = address;
  return caller;
}

std::optional<Caller> agent_of_session(soci::session& session, const std::string& hash) {
  std::string id;
  std::string server;
  std::string address;
  session << "SELECT sessions.id, sessions.server, servers.address FROM sessions JOIN servers"
             " ON servers.name = sessions.server WHERE sessions.agent_hash = :hash AND sessions.revoked = ''",
      soci::use(hash), soci::into(id), soci::into(server), soci::into(address);
  if (!session.got_data()) return std::nullopt;
  Caller caller{Role::agent, "agent of " + server, ServerName::parse(server), id};
  caller.address = address;
  return caller;
}

}  // namespace

void insert_token(soci::session& session, TokenFacts& token, const std::string& hash) {
  const std::string role(name_of(token.role));
  const auto servers = text_of(token.scope.servers);
  const auto tags = text_of(token.scope.tags);
  const auto created = to_column(token.created);
  const auto expires = to_column(token.expires.value_or(WallTime{}));
  const int identity = token.identity ? 1 : 0;
  auto has_expiry = token.expires ? soci::i_ok : soci::i_null;
  session << "INSERT INTO api_tokens (hash, name, role, servers, tags, created_by, created_ms, expires_ms, used_from,"
             " revoked_by, identity) VALUES (:hash, :name, :role, :servers, :tags, :by, :created, :expires, '', '',"
             " :identity)",
      soci::use(hash), soci::use(token.name), soci::use(role), soci::use(servers), soci::use(tags),
      soci::use(token.created_by), soci::use(created), soci::use(expires, has_expiry), soci::use(identity);
  session << "SELECT id FROM api_tokens WHERE hash = :hash", soci::use(hash), soci::into(token.id);
}

std::optional<TokenFacts> token_of_hash(soci::session& session, const std::string& hash) {
  return first_of((session.prepare << token_columns << "WHERE hash = :hash", soci::use(hash)));
}

std::optional<TokenFacts> token_named(soci::session& session, const std::string& name) {
  return first_of((session.prepare << token_columns << "WHERE name = :name AND revoked_ms IS NULL", soci::use(name)));
}

TokenFacts require_token(soci::session& session, long long id) {
  auto found = first_of((session.prepare << token_columns << "WHERE id = :id", soci::use(id)));
  if (found) return *std::move(found);
  throw Error(ErrorCode::not_found, fmt::format("there is no token k-{}", id), "'netbootctl token list' shows them.");
}

std::vector<TokenFacts> all_tokens(soci::session& session) {
  return all_of((session.prepare << token_columns << "ORDER BY id"));
}

void revoke_token(soci::session& session, long long id, WallTime now, const std::string& revoked_by) {
  const auto revoked = to_column(now);
  session << "UPDATE api_tokens SET revoked_ms = :revoked, revoked_by = :by WHERE id = :id", soci::use(revoked),
      soci::use(revoked_by), soci::use(id);
}

void note_token_use(soci::session& session, long long id, WallTime now, const std::string& peer) {
  const auto used = to_column(now);
  session << "UPDATE api_tokens SET used_ms = :used, used_from = :peer WHERE id = :id", soci::use(used),
      soci::use(peer), soci::use(id);
}

void resolve_tags(soci::session& session, Scope& scope) {
  if (scope.tags.empty()) return;
  for (const auto& tag : scope.tags) {
    const soci::rowset<std::string> tagged =
        (session.prepare << "SELECT server FROM server_tags WHERE tag = :tag", soci::use(tag));
    for (const auto& server : tagged) scope.servers.push_back(server);
  }
  std::sort(scope.servers.begin(), scope.servers.end());
  scope.servers.erase(std::unique(scope.servers.begin(), scope.servers.end()), scope.servers.end());
  // Tags without servers: binds to an invalid name, since an empty list would mean all servers.
  if (scope.servers.empty()) scope.servers.emplace_back();
}

void insert_agent_token(soci::session& session, const std::string& server, const std::string& hash, WallTime now) {
  const std::string role(name_of(Role::agent));
  const auto label = "agent of " + server;
  const auto created = to_column(now);
  session << "INSERT INTO tokens (hash, role, server, label, created_ms)"
             " VALUES (:hash, :role, :server, :label, :created)",
      soci::use(hash), soci::use(role), soci::use(server), soci::use(label), soci::use(created);
}

void delete_agent_tokens(soci::session& session, const std::string& server) {
  session << "DELETE FROM tokens WHERE server = :server", soci::use(server);
}

std::optional<Caller> agent_of_hash(soci::session& session, const std::string& hash) {
  auto agent = agent_of_session(session, hash);
  return agent ? agent : agent_made_by_hand(session, hash);
}

}  // namespace rescue::netboot::rows
