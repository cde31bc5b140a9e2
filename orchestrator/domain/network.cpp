// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/network.hpp"

#include <algorithm>

namespace rescue::domain {
namespace {

constexpr unsigned global_scope = 0;  // RT_SCOPE_UNIVERSE
constexpr unsigned main_table = 254;  // RT_TABLE_MAIN

}  // namespace

const Route* NetworkSnapshot::default_route_v4() const {
  const Route* best = nullptr;
  for (const auto& route : routes) {
    if (route.destination != net::Prefix() || route.table != main_table || route.tos != 0) continue;
    if (best == nullptr || route.metric < best->metric) best = &route;
  }
  return best;
}

const InterfaceAddress* NetworkSnapshot::primary_v4() const {
  std::vector<const InterfaceAddress*> candidates;
  for (const auto& address : addresses) {
    if (!address.is_v6() && address.scope == global_scope) candidates.push_back(&address);
  }
  if (candidates.empty()) return nullptr;
  const auto first_that = [&](const auto& fits) {
    const auto found = std::find_if(candidates.begin(), candidates.end(), fits);
    return found == candidates.end() ? nullptr : *found;
  };
  if (const auto* route = default_route_v4()) {
    const auto* of_source = first_that([&](const auto* address) { return address->address == route->source; });
    if (of_source != nullptr) return of_source;
    if (const auto gateway = gateway_v4()) {
      const auto* of_gateway = first_that([&](const auto* address) { return address->network().contains(*gateway); });
      if (of_gateway != nullptr) return of_gateway;
    }
  }
  return candidates.front();
}

std::optional<net::IpAddress> NetworkSnapshot::gateway_v4() const {
  const auto* route = default_route_v4();
  return route != nullptr && route->gateway && route->gateway->is_v4() ? route->gateway : std::nullopt;
}

}  // namespace rescue::domain
