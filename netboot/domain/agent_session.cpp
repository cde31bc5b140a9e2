// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/agent_session.hpp"

#include "contract/session.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot {

using contract::Phase;

bool is_alive(const AgentSession& session, const AgentRules& rules, WallTime now) noexcept {
  // A heartbeat in the future means that the clock was set back: not alive, else nothing could boot until then.
  return !session.ended && now >= session.heard && now - session.heard <= rules.alive;
}

Delivery delivery_of(const AgentSession& session) noexcept {
  if (!session.sealed) return Delivery::none;
  return session.read ? Delivery::read : Delivery::available;
}

bool has_open_ticket(const AgentSession& session) {
  const auto report = nlohmann::json::parse(session.report);
  return report.contains("ticket") && report["ticket"].value("open", false);
}

bool is_undecided(const AgentSession& session) {
  return nlohmann::json::parse(session.report).value("undecided", false);
}

bool is_final(std::string_view phase) noexcept {
  return phase == name_of(Phase::finished) || phase == name_of(Phase::failed);
}

bool is_on_way_out(std::string_view phase) noexcept { return phase == name_of(Phase::finishing) || is_final(phase); }

}  // namespace rescue::netboot
