// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON of a helpdesk's ticket: its order, and its state as the host agent reports it. Neither has the number.

#include "core/document.hpp"
#include "netboot/domain/agent_session.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace rescue::netboot::api {

/// Reads a body of POST /v1/servers/{name}/tickets; all members are optional. Throws `usage`.
[[nodiscard]] TicketOrder ticket_order_from(const std::string& body);

/// Reads the ticket of a heartbeat: known members only, with limits. Throws `config_invalid`.
[[nodiscard]] nlohmann::json reported_ticket_from(const Field& field);

/// The ticket of the open session; null if there is none. `with_sealed`: has the sealed number, if there is one.
[[nodiscard]] nlohmann::json ticket_json(const std::optional<AgentSession>& agent, bool with_sealed);

}  // namespace rescue::netboot::api
