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
  std::optional<Lease> lease;  ///< the latest that nobody has ended; it may be used up or expired
};

[[nodiscard]] inline ServerState state_at(Server server, std::optional<Lease> lease, const LeaseLimits& limits,
                                          WallTime now) {
  const auto mode = mode_at(lease, limits, now);
  return {std::move(server), mode, std::move(lease)};
}

/// Differs when somebody has set what the server boots; boots and the clock change nothing of it. Below 0: its disk,
/// which is not the disk of a server that had this name before.
[[nodiscard]] inline long long lease_version(const ServerState& state) {
  if (state.lease) return state.lease->id;
  return -std::chrono::duration_cast<Milliseconds>(state.server.created.time_since_epoch()).count();
}

}  // namespace rescue::netboot
