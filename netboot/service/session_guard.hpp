// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Guards against changes of a server while a VM runs on its disks or a task works with its BMC. Asked in
// the transaction that would do it, under the lock of the server.

#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/lease.hpp"
#include "netboot/domain/server.hpp"
#include "netboot/store/sql_session.hpp"

#include <optional>
#include <string>

namespace rescue::netboot::guard {

/// Whether the server may still boot by it.
[[nodiscard]] bool stands(const std::optional<Lease>& lease, const LeaseLimits& limits, WallTime now);

/// Throws `conflict` while a session of the server is alive, or may be: its lease would bring the server back into it.
/// `hint` is added to how it is finished.
void refuse_while_in_session(soci::session& session, const std::string& server, const AgentRules& rules,
                             const LeaseLimits& limits, WallTime now, const std::string& hint = {});

/// Throws `conflict` while a host agent of the server is alive in a session.
void refuse_while_host_lives(soci::session& session, const std::string& server, const AgentRules& rules, WallTime now,
                             const std::string& hint);

/// Throws `conflict` while a task of the server speaks with its BMC.
void refuse_while_at_bmc(soci::session& session, const std::string& server, const std::string& hint);

/// Throws `conflict` for another address in a rescue session, as `refuse_while_in_session` does: the host agent speaks
/// from the old one.
void refuse_change_of_address(soci::session& session, const Server& before, const Server& after,
                              const AgentRules& rules, const LeaseLimits& limits, WallTime now,
                              const std::string& hint = {});

/// Throws `conflict` for another BMC while a task speaks with the old one. A BMC whose password was sealed again counts
/// as another one.
void refuse_change_of_bmc(soci::session& session, const Server& before, const Server& after,
                          const std::string& hint = {});

}  // namespace rescue::netboot::guard
