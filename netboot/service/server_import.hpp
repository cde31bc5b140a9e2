// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Many servers in one transaction: all of them or none.

#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/lease.hpp"
#include "netboot/domain/server.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/sql_session.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

struct ServerChange {
  ServerName name;
  /// Makes of what is known of the server (for a new one: its name) what it is to be. Throws `usage`, which is one
  /// more problem; anything else ends the import.
  std::function<void(Server&)> apply;
};

struct ImportOptions {
  bool update = false;   ///< servers that are known are changed; else each of them is a problem
  bool dry_run = false;  ///< nothing is written
  Scope seen{};          ///< problems name no server that is out of it
  /// The address of a server in a session by these rules stays; so does a BMC that a task is at.
  std::optional<AgentRules> heeded{};
};

struct ImportProblem {
  std::size_t index = 0;  ///< of the change
  std::string field;
  std::string detail;
};

struct ImportResult {
  std::size_t added = 0;
  std::size_t updated = 0;
  std::vector<ImportProblem> problems;  ///< a hundred at most; with any, nothing was written
};

/// Inside a transaction for writing only.
[[nodiscard]] ImportResult import_servers(soci::session& session, const std::vector<ServerChange>& changes,
                                          const ImportOptions& options, const LeaseLimits& limits, WallTime now);

}  // namespace rescue::netboot
