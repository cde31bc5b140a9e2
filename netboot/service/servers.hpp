// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The servers that netbootd knows: adding, importing, finding, changing, removing.

#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/server_state.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/service/server_import.hpp"
#include "netboot/store/server_search.hpp"
#include "netboot/store/store.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace rescue::netboot {

struct ServerPage {
  std::vector<ServerState> servers;
  bool is_last = true;
};

/// Thread-safe. Every call blocks for the database and throws `unavailable` when that fails; calls that name a server
/// throw `not_found` without it.
class Servers {
public:
  /// `store` outlives this.
  explicit Servers(Store& store) : store_(store) {}

  [[nodiscard]] WallTime now() const { return store_.now(); }

  /// Throws `conflict` when the name, a MAC address, the UUID, the serial number or the address is taken, naming by
  /// whom where that server is in `seen`.
  void add(const Server& server, const Scope& seen = {});
  /// All of them or none.
  [[nodiscard]] ImportResult import_all(const std::vector<ServerChange>& changes, const ImportOptions& options);
  /// Those that match, by name, a page of them.
  [[nodiscard]] ServerPage find(const ServerQuery& query);
  [[nodiscard]] ServerState state(const ServerName& name);
  /// The server as `change` leaves it, one version on; its name stays. None, and nothing is changed, when `expected` is
  /// given and is not its version any more. Throws `conflict` as `add` does, with `heeded` also where the
  /// address changes in a session by these rules or the BMC while a task is at it, and what `change` throws.
  [[nodiscard]] std::optional<ServerState> change(const ServerName& name, const std::function<void(Server&)>& change,
                                                  std::optional<long long> expected = std::nullopt,
                                                  const Scope& seen = {},
                                                  const std::optional<AgentRules>& heeded = std::nullopt);
  /// Throws `conflict` while a lease is active, and with `heeded` while a session of it may be alive by these rules or
  /// a task is at its BMC; with `force` it is removed all the same. Its tokens and its leases go with it. False, and
  /// nothing is changed, when `expected` is given and is not its version any more.
  bool remove(const ServerName& name, std::optional<long long> expected = std::nullopt,
              const std::optional<AgentRules>& heeded = std::nullopt, bool force = false);

private:
  Store& store_;
};

}  // namespace rescue::netboot
