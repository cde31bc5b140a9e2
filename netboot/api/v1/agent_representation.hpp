// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON from and for host agents (docs/host-agent.md).

#include "core/document.hpp"
#include "netboot/service/sessions.hpp"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// Reads the agent token's SHA-256 from a body of POST /v1/agent/redeem. Throws `usage`.
[[nodiscard]] std::string agent_hash_from(const std::string& body);
/// Reads known members only, with limits: an agent may be newer than netbootd, or hostile. Throws `usage`.
[[nodiscard]] Report report_from(const std::string& body);
/// How to connect, as printable texts with limits. Throws `usage`.
[[nodiscard]] nlohmann::json connection_from(const Field& field);
[[nodiscard]] SealedCredentials credentials_from(const std::string& body);

/// `links_url`: base URL of one-time links; empty: the agent makes none.
[[nodiscard]] nlohmann::json redeemed_json(const Redeemed& redeemed, const AgentRules& rules,
                                           const std::string& links_url);
[[nodiscard]] nlohmann::json heartbeat_json(const Heard& heard, const LeaseLimits& limits, WallTime now);

/// The session for panels. A revoked agent counts as failed, whatever it reported last.
[[nodiscard]] nlohmann::json session_json(const AgentSession& agent, const AgentRules& rules, WallTime now);

}  // namespace rescue::netboot::api
