// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Changes of a granted lease: boots, heartbeats, its end. Inside a transaction only.

#include "netboot/domain/lease.hpp"
#include "netboot/store/sql_session.hpp"

#include <string>

namespace rescue::netboot::rows {

/// Writes boots and last boot of the server's current lease.
void update_boots(soci::session& session, const std::string& server, const Lease& lease);
/// Records a heartbeat of the lease's host agent. Does nothing if the lease has ended.
void update_last_heard(soci::session& session, long long lease, WallTime now);
[[nodiscard]] std::string reason_of_lease(soci::session& session, long long lease);
/// Empty while the lease was not ended.
[[nodiscard]] std::string lease_ended_by(soci::session& session, long long lease);

}  // namespace rescue::netboot::rows
