// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What servers boot, set for a while: leases granted and ended.

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

  /// Replaces the lease that there is. None, and nothing is changed, when `expected` is given and is not the
  /// `lease_version` any more. With `heeded` throws `conflict` while a session may be alive by these rules: its end
  /// needs the lease.
  std::optional<ServerState> grant(const ServerName& name, const LeaseRequest& request,
                                   std::optional<long long> expected = std::nullopt,
                                   const std::optional<AgentRules>& heeded = std::nullopt);
  /// Back to the disk, by whom; as above. Idempotent.
  std::optional<ServerState> end(const ServerName& name, const std::string& ended_by,
                                 std::optional<long long> expected = std::nullopt,
                                 const std::optional<AgentRules>& heeded = std::nullopt);
  /// Back to the disk, when `lease` still is the server's: a late word about an earlier lease ends nothing.
  ServerState end_lease(const ServerName& name, long long lease, const std::string& ended_by);

private:
  [[nodiscard]] ServerState state(Server server, std::optional<Lease> lease) const;

  Store& store_;
};

}  // namespace rescue::netboot
