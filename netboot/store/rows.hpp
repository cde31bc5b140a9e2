// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of the database as values, shared by the parts of the store. Inside a transaction only.

#include "netboot/domain/lease_request.hpp"
#include "netboot/domain/server.hpp"
#include "netboot/store/sql_session.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::rows {

/// Columns for the functions below, for other queries of the same rows.
extern const char* const server_columns;  ///< SELECT ... FROM servers
extern const char* const bmc_columns;     ///< SELECT ... FROM bmcs
extern const char* const lease_columns;   ///< SELECT ... FROM leases WHERE ended_ms IS NULL
/// Reads a column of milliseconds that may be NULL.
[[nodiscard]] std::optional<WallTime> time_or_none(const soci::row& row, std::size_t column);
/// Omits data in other tables.
[[nodiscard]] Server to_server(const soci::row& row);
[[nodiscard]] BmcEndpoint to_bmc(const soci::row& row);
[[nodiscard]] Lease to_lease(const soci::row& row);

[[nodiscard]] std::optional<Server> find_server(soci::session& session, const std::string& name);
/// Throws `not_found`.
[[nodiscard]] Server require_server(soci::session& session, const ServerName& name);
/// Locks the server, its leases, sessions and tasks for other writers until the transaction ends. Read them after this
/// call to decide by them. Throws `not_found`.
void lock_server(soci::session& session, const ServerName& name);
[[nodiscard]] std::vector<Server> all_servers(soci::session& session);
/// Replaces the server's BMC.
void put_bmc(soci::session& session, const std::string& server, const std::optional<BmcEndpoint>& bmc);
/// The name of the server that has this card.
[[nodiscard]] std::optional<std::string> owner_of(soci::session& session, const MacAddress& mac);

/// The lease that was not ended.
[[nodiscard]] std::optional<Lease> current_lease(soci::session& session, const std::string& server);
[[nodiscard]] std::map<std::string, Lease> current_leases(soci::session& session);
/// Replaces the current lease.
[[nodiscard]] Lease grant_lease(soci::session& session, const std::string& server, const LeaseRequest& request,
                                WallTime now);
void end_current_lease(soci::session& session, const std::string& server, WallTime now, const std::string& ended_by);

}  // namespace rescue::netboot::rows
