// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes servers into the database. Inside a transaction only.

#include "netboot/domain/server.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/sql_session.hpp"

#include <string>
#include <string_view>

namespace rescue::netboot::rows {

/// Throws `conflict` if another server has one of its MAC addresses, its UUID, its serial number, or its new address,
/// and names that server if `seen` holds it. Servers that already share an address keep it.
void refuse_taken(soci::session& session, const Server& server, const Scope& seen);
/// "the UUID ... belongs to the server 'web-01'".
[[nodiscard]] std::string taken_by(std::string_view what, const std::string& value, const std::string& owner,
                                   const Scope& seen);
/// Version of a new server: random, so that clients do not confuse it with a deleted server of the same name.
[[nodiscard]] long long first_version();
void insert_server(soci::session& session, const Server& server);
/// Also deletes its leases, sessions, tasks and tokens.
void delete_server(soci::session& session, const std::string& name);
/// Updates everything but name and time of creation; increments the version.
void update_server(soci::session& session, const Server& server);

}  // namespace rescue::netboot::rows
