// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Leases: a boot mode that a server has for a limited time.

#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/lease_request.hpp"
#include "netboot/domain/server_state.hpp"
#include "netboot/store/store.hpp"

#include <optional>
#include <string>

namespace rescue::netboot {

/// Thread-safe. Every call blocks for the database and throws `unavailable` when that fails, and `not_found` without
/// the server.
class Leases {
public:
  /// `store` outlives this.
  explicit Leases(Store& store) : store_(store) {}

  /// Replaces the current lease. Returns none, and changes nothing, if `expected` is given and is no longer the
  /// `lease_version`. With `heeded`, throws `conflict` while a session may be alive by these rules: its end
  /// needs the lease.
  std::optional<ServerState> grant(const ServerName& name, const LeaseRequest& request,
                                   std::optional<long long> expected = std::nullopt,
                                   const std::optional<AgentRules>& heeded = std::nullopt);
  /// Sets the boot mode back to the disk; `ended_by` is for the record. Otherwise like `grant`. Idempotent.
  std::optional<ServerState> end(const ServerName& name, const std::string& ended_by,
                                 std::optional<long long> expected = std::nullopt,
                                 const std::optional<AgentRules>& heeded = std::nullopt);
  /// Moves the end of the current lease to a later time; the same end again changes nothing. Throws `conflict` if there
  /// is no lease of a rescue, if it has expired and no host agent is alive by `rules`, or if it would end earlier, and
  /// `usage` for an end further away than `extension.longest`.
  ServerState extend(const ServerName& name, const LeaseExtension& extension, const AgentRules& rules);
  /// Sets the boot mode back to the disk if `lease` is still the server's current one. Otherwise does nothing.
  ServerState end_lease(const ServerName& name, long long lease, const std::string& ended_by);

private:
  [[nodiscard]] ServerState state(Server server, std::optional<Lease> lease) const;

  Store& store_;
};

}  // namespace rescue::netboot
