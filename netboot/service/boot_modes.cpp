// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/service/boot_modes.hpp"

#include "core/error.hpp"
#include "core/log.hpp"

#include <fmt/format.h>

namespace rescue::netboot {

std::optional<ServerState> BootModes::set(const ServerName& name, const BootModeChange& change, const Caller& caller,
                                          std::optional<long long> expected) {
  // A host that says it is through knows what it does.
  const bool is_free = caller.role == Role::agent || change.force;
  const auto heeded = is_free ? std::nullopt : std::optional(options_.agent_rules);
  auto state = change.mode == BootMode::disk ? set_disk(name, caller, expected, heeded)
                                             : set_lease(name, change, caller, expected, heeded);
  if (state) parts_.book.learn(name);
  return state;
}

std::optional<ServerState> BootModes::set_disk(const ServerName& name, const Caller& caller,
                                               std::optional<long long> expected,
                                               const std::optional<AgentRules>& heeded) {
  // A session speaks for its own lease: what it says late must not end the next one.
  const auto agent = caller.session.empty() ? std::nullopt : parts_.sessions.find(caller.session);
  auto state = agent ? parts_.leases.end_lease(name, agent->lease, caller.label)
                     : parts_.leases.end(name, caller.label, expected, heeded);
  if (state) log::info("boot mode of {} is disk, by {}", name.text(), caller.label);
  return state;
}

std::optional<ServerState> BootModes::set_lease(const ServerName& name, const BootModeChange& change,
                                                const Caller& caller, std::optional<long long> expected,
                                                const std::optional<AgentRules>& heeded) {
  if (caller.role == Role::agent) {
    throw Error(ErrorCode::denied, fmt::format("the {} may set the boot mode to disk only", caller.label));
  }
  const auto& choice = require_available(options_.catalogue, change.mode);
  const auto& terms = change.terms;
  LeaseRequest request{change.mode, terms.policy, terms.time_to_live.value_or(options_.lease_ttl), caller.label,
                       terms.reason};
  request.has_agent = choice.has_agent;
  auto state = parts_.leases.grant(name, request, expected, heeded);
  if (state) {
    log::info("boot mode of {} is {} until {}, by {}", name.text(), change.mode.name(),
              rfc3339(state->lease.value().expires), caller.label);
  }
  return state;
}

}  // namespace rescue::netboot
