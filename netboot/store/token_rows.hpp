// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of tokens as values. Inside a transaction only.

#include "netboot/domain/token.hpp"
#include "netboot/store/sql_session.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::rows {

/// Sets its number.
void insert_token(soci::session& session, TokenFacts& token, const std::string& hash);
[[nodiscard]] std::optional<TokenFacts> token_of_hash(soci::session& session, const std::string& hash);
/// The token with this name that is not revoked.
[[nodiscard]] std::optional<TokenFacts> token_named(soci::session& session, const std::string& name);
/// Throws `not_found`.
[[nodiscard]] TokenFacts require_token(soci::session& session, long long id);
[[nodiscard]] std::vector<TokenFacts> all_tokens(soci::session& session);
void revoke_token(soci::session& session, long long id, WallTime now, const std::string& revoked_by);
void note_token_use(soci::session& session, long long id, WallTime now, const std::string& peer);

/// Adds the servers that have one of its tags now.
void resolve_tags(soci::session& session, Scope& scope);

/// Adds a token of a server's host agent, made by hand.
void insert_agent_token(soci::session& session, const std::string& server, const std::string& hash, WallTime now);
void delete_agent_tokens(soci::session& session, const std::string& server);
/// Finds tokens made by hand and tokens of sessions.
[[nodiscard]] std::optional<Caller> agent_of_hash(soci::session& session, const std::string& hash);

}  // namespace rescue::netboot::rows
