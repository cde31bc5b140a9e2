// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server with what it boots next.

#include "netboot/domain/lease.hpp"
#include "netboot/domain/server.hpp"

#include <optional>
#include <utility>

namespace rescue::netboot {

struct ServerState {
  Server server;
  BootMode mode = BootMode::disk;
  std::optional<Lease> lease;  ///< the latest one that was not ended; it may be used up or expired
};

[[nodiscard]] inline ServerState state_at(Server server, std::optional<Lease> lease, const LeaseLimits& limits,
                                          WallTime now) {
  const auto mode = mode_at(lease, limits, now);
  return {std::move(server), mode, std::move(lease)};
}

/// Changes when somebody sets the boot mode; boots and time do not change it. Below 0: the disk; differs from that of
/// an earlier server with this name.
[[nodiscard]] inline long long lease_version(const ServerState& state) {
  if (state.lease) return state.lease->id;
  return -std::chrono::duration_cast<Milliseconds>(state.server.created.time_since_epoch()).count();
}

}  // namespace rescue::netboot
