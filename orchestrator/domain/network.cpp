// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/network.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace rescue::domain {
namespace {

constexpr unsigned global_scope = 0;  // RT_SCOPE_UNIVERSE
constexpr unsigned main_table = 254;  // RT_TABLE_MAIN
constexpr const char* anywhere = "0.0.0.0/0";

std::optional<std::uint32_t> number_of(const std::string& address) {
  in_addr bytes{};
  if (::inet_pton(AF_INET, address.c_str(), &bytes) != 1) return std::nullopt;
  return ntohl(bytes.s_addr);
}

/// As the kernel looks for the address to speak from: the network is that of the far end, where there is one.
bool reaches(const InterfaceAddress& address, std::uint32_t neighbour) {
  const auto far_end = number_of(address.peer.empty() ? address.address : address.peer);
  const auto mask = address.prefix == 0 ? 0U : ~std::uint32_t{0} << (32U - std::min(address.prefix, 32U));
  return far_end && (*far_end & mask) == (neighbour & mask);
}

}  // namespace

const Route* NetworkSnapshot::default_route_v4() const {
  const Route* best = nullptr;
  for (const auto& route : routes) {
    if (route.destination != anywhere || route.table != main_table || route.tos != 0) continue;
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
    if (const auto gateway = number_of(route->gateway)) {
      const auto* of_gateway = first_that([&](const auto* address) { return reaches(*address, *gateway); });
      if (of_gateway != nullptr) return of_gateway;
    }
  }
  return candidates.front();
}

std::string NetworkSnapshot::gateway_v4() const {
  const auto* route = default_route_v4();
  return route != nullptr && number_of(route->gateway) ? route->gateway : std::string();
}

}  // namespace rescue::domain
