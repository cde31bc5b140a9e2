// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What host agents say and are told, as JSON (docs/host-agent.md).

#include "netboot/service/sessions.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace rescue::netboot::api {

/// The agent token's SHA-256 in a body of POST /v1/agent/redeem. Throws `usage`.
[[nodiscard]] std::string agent_hash_from(const std::string& body);
/// Known members only, with limits: an agent may be newer than netbootd, and is not trusted with its memory. Throws
/// `usage`.
[[nodiscard]] Report report_from(const std::string& body);
[[nodiscard]] SealedCredentials credentials_from(const std::string& body);

[[nodiscard]] nlohmann::json redeemed_json(const Redeemed& redeemed, const AgentRules& rules);
[[nodiscard]] nlohmann::json heartbeat_json(const Heard& heard, const LeaseLimits& limits, WallTime now);

/// What the panel sees; an agent that netbootd stopped listening to has failed, whatever it said last.
[[nodiscard]] nlohmann::json session_json(const AgentSession& agent, const AgentRules& rules, WallTime now);

}  // namespace rescue::netboot::api
