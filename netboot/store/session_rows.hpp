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
/// Like `lock_server`, for the session's server. Throws `not_found`.
void lock_server_of_session(soci::session& session, const std::string& id);
/// The session of the lease's latest boot.
[[nodiscard]] std::optional<AgentSession> session_of_lease(soci::session& session, long long lease);
[[nodiscard]] std::optional<AgentSession> session_of_boot(soci::session& session, long long lease, unsigned boot);
[[nodiscard]] std::optional<AgentSession> latest_session(soci::session& session, const std::string& server);

/// The server's sessions whose agents may still report.
[[nodiscard]] std::vector<AgentSession> sessions_listened_to(soci::session& session, const std::string& server);
void insert_session(soci::session& session, const AgentSession& made, const std::string& agent_hash);
/// Writes phase, report, times and command, but not the credentials.
void update_session(soci::session& session, const AgentSession& changed);
/// Replaces the sealed credentials; they can be read once.
void put_credentials(soci::session& session, const std::string& id, const std::string& sealed, WallTime now);
/// Returns them and deletes them.
[[nodiscard]] std::string take_credentials(soci::session& session, const std::string& id, WallTime now);
[[nodiscard]] std::string agent_hash_of(soci::session& session, const std::string& id);

[[nodiscard]] RescueRequest request_of_lease(soci::session& session, long long lease);

}  // namespace rescue::netboot::rows
