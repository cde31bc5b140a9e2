// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/agent_session.hpp"

namespace rescue::netboot {

std::string_view name_of(Delivery delivery) noexcept {
  switch (delivery) {
  case Delivery::none:
    return "none";
  case Delivery::available:
    return "available";
  case Delivery::read:
    return "read";
  }
  return "none";
}

bool is_alive(const AgentSession& session, const AgentRules& rules, WallTime now) noexcept {
  // Heard of in the future: the clock was set back. Not taken for life, else nothing could boot until then.
  return !session.ended && now >= session.heard && now - session.heard <= rules.alive;
}

Delivery delivery_of(const AgentSession& session) noexcept {
  if (!session.sealed) return Delivery::none;
  return session.read ? Delivery::read : Delivery::available;
}

bool is_final(std::string_view phase) noexcept { return phase == "finished" || phase == "failed"; }

bool is_on_way_out(std::string_view phase) noexcept { return phase == "finishing" || is_final(phase); }

}  // namespace rescue::netboot
