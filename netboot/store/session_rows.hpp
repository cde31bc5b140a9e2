// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of sessions as values. Inside a transaction only.

#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/rescue_request.hpp"
#include "netboot/store/sql_session.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::rows {

[[nodiscard]] std::optional<AgentSession> find_session(soci::session& session, const std::string& id);
/// Throws `not_found`.
[[nodiscard]] AgentSession require_session(soci::session& session, const std::string& id);
/// As `lock_server`, of the session's. Throws `not_found`.
void lock_server_of_session(soci::session& session, const std::string& id);
/// The latest of a lease's boots.
[[nodiscard]] std::optional<AgentSession> session_of_lease(soci::session& session, long long lease);
[[nodiscard]] std::optional<AgentSession> session_of_boot(soci::session& session, long long lease, unsigned boot);
[[nodiscard]] std::optional<AgentSession> latest_session(soci::session& session, const std::string& server);

/// Of the server: those whose agents may still speak.
[[nodiscard]] std::vector<AgentSession> sessions_listened_to(soci::session& session, const std::string& server);
void insert_session(soci::session& session, const AgentSession& made, const std::string& agent_hash);
/// Phase, report, times, command: what changes. Not the credentials.
void update_session(soci::session& session, const AgentSession& changed);
/// Keeps sealed credentials instead of those before, to be read once.
void put_credentials(soci::session& session, const std::string& id, const std::string& sealed, WallTime now);
/// Returns them and forgets them.
[[nodiscard]] std::string take_credentials(soci::session& session, const std::string& id, WallTime now);
[[nodiscard]] std::string agent_hash_of(soci::session& session, const std::string& id);

[[nodiscard]] RescueRequest request_of_lease(soci::session& session, long long lease);

}  // namespace rescue::netboot::rows
