// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/tokens.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/domain/acting.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"
#include "netboot/store/token_rows.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace rescue::netboot {
namespace {

constexpr Milliseconds noted_every{60'000};
constexpr auto first_admin = "admin";
constexpr auto first_admin_by = "netbootd --init-admin-token";

Recognised judge(const TokenFacts& facts, WallTime now) {
  if (facts.revoked) return {std::nullopt, TokenFault::revoked, *facts.revoked};
  if (facts.expires && *facts.expires <= now) return {std::nullopt, TokenFault::expired, *facts.expires};
  Caller caller{facts.role, facts.name, std::nullopt};
  caller.scope = facts.scope;
  caller.token = facts.id;
  caller.identity = facts.identity;
  return {std::move(caller)};
}

std::string audit_json(const TokenFacts& token) {
  const auto time = [](const std::optional<WallTime>& at) {
    return at ? nlohmann::json(rfc3339(*at)) : nlohmann::json();
  };
  return nlohmann::json{
      {"token", fmt::format("k-{}", token.id)}, {"name", token.name},        {"role", name_of(token.role)},
      {"servers", token.scope.servers},         {"tags", token.scope.tags},  {"expires_at", time(token.expires)},
      {"revoked_at", time(token.revoked)},      {"identity", token.identity}}
      .dump();
}

void remember(const std::string& before, const TokenFacts& now) {
  if (auto* const scope = ActingScope::current()) scope->about({before, audit_json(now)});
}

Tokens::Issued insert(soci::session& session, const NewToken& wanted, WallTime now) {
  auto token = fresh_token();
  TokenFacts facts{0, wanted.name, wanted.role, wanted.scope, wanted.created_by, now, wanted.expires};
  facts.identity = wanted.identity;
  rows::insert_token(session, facts, hash_of(token.reveal()));
  remember("null", facts);
  return {std::move(facts), std::move(token)};
}

}  // namespace

Tokens::Issued Tokens::issue(const NewToken& wanted) {
  return store_.database().write([&](soci::session& session) {
    if (const auto taken = rows::token_named(session, wanted.name)) {
      throw Error(ErrorCode::conflict, fmt::format("there is already a token '{}'", wanted.name),
                  "Revoke it first, or choose another name.");
    }
    return insert(session, wanted, store_.now());
  });
}

Tokens::Issued Tokens::issue_first_admin() {
  return store_.database().write([&](soci::session& session) {
    if (const auto before = rows::token_named(session, first_admin)) {
      rows::revoke_token(session, before->id, store_.now(), first_admin_by);
    }
    return insert(session, {first_admin, Role::admin, {}, std::nullopt, first_admin_by}, store_.now());
  });
}

Secret Tokens::issue_agent_token(const ServerName& server) {
  auto token = fresh_token();
  store_.database().write([&](soci::session& session, ChangeSet& changed) {
    rows::lock_server(session, server);
    rows::delete_agent_tokens(session, server.text());
    rows::insert_agent_token(session, server.text(), hash_of(token.reveal()), store_.now());
    changed.server(server.text());
  });
  return token;
}

std::vector<TokenFacts> Tokens::all() {
  return store_.database().read([](soci::session& session) { return rows::all_tokens(session); });
}

TokenFacts Tokens::find(long long id) {
  return store_.database().read([&](soci::session& session) { return rows::require_token(session, id); });
}

void Tokens::revoke(long long id, const std::string& revoked_by) {
  store_.database().write([&](soci::session& session) {
    auto token = rows::require_token(session, id);
    if (token.revoked) return;
    const auto before = audit_json(token);
    token.revoked = store_.now();
    rows::revoke_token(session, id, *token.revoked, revoked_by);
    remember(before, token);
  });
}

Recognised Tokens::recognise(std::string_view token, const std::string& peer) {
  const auto hash = hash_of(token);
  std::optional<TokenFacts> facts;
  auto recognised = store_.database().read([&](soci::session& session) -> Recognised {
    facts = rows::token_of_hash(session, hash);
    if (facts) {
      auto judged = judge(*facts, store_.now());
      if (judged.caller) rows::resolve_tags(session, judged.caller->scope);
      return judged;
    }
    return {rows::agent_of_hash(session, hash)};
  });
  if (recognised.caller && facts && !peer.empty()) note_use(facts->id, facts->used.value_or(WallTime{}), peer);
  return recognised;
}

void Tokens::note_use(long long id, WallTime last, const std::string& peer) {
  const auto now = store_.now();
  if (now - last < noted_every && last <= now) return;
  try {
    store_.database().write([&](soci::session& session) { rows::note_token_use(session, id, now, peer); });
  } catch (const Error& error) {
    log::warning("the use of token {} could not be noted: {}", id, report_of(error).one_line());
  }
}

}  // namespace rescue::netboot
