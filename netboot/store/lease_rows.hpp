// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Changes of a granted lease: boots, heartbeats, its end. Inside a transaction only.

#include "netboot/domain/lease.hpp"
#include "netboot/store/sql_session.hpp"

#include <string>
#include <vector>

namespace rescue::netboot::rows {

/// Writes boots and last boot of the server's current lease.
void update_boots(soci::session& session, const std::string& server, const Lease& lease);
/// Records a heartbeat of the lease's host agent. Does nothing if the lease has ended.
void update_last_heard(soci::session& session, long long lease, WallTime now);
void update_end(soci::session& session, long long lease, WallTime end);
/// Servers whose lease ends from `now` to `soon`, and whose end was not announced yet; `most` at most.
[[nodiscard]] std::vector<std::string> servers_with_lease_end(soci::session& session, WallTime now, WallTime soon,
                                                              int most);
/// Records that the current end of the server's lease is announced.
void announce_end(soci::session& session, const std::string& server, WallTime soon);
[[nodiscard]] std::string reason_of_lease(soci::session& session, long long lease);
/// Empty while the lease was not ended.
[[nodiscard]] std::string lease_ended_by(soci::session& session, long long lease);

}  // namespace rescue::netboot::rows
