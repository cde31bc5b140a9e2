// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How servers are written into the database. Inside a transaction only.

#include "netboot/domain/server.hpp"
#include "netboot/domain/token.hpp"
#include "netboot/store/sql_session.hpp"

#include <string>
#include <string_view>

namespace rescue::netboot::rows {

/// Throws `conflict` when another server has one of its MAC addresses, its UUID, its serial number, or the address that
/// it is to get, naming it to those who may see it. Two that had one address before that was looked at keep it.
void refuse_taken(soci::session& session, const Server& server, const Scope& seen);
/// "the UUID ... belongs to the server 'web-01'".
[[nodiscard]] std::string taken_by(std::string_view what, const std::string& value, const std::string& owner,
                                   const Scope& seen);
/// Of a new server: at random, so that nobody who knows one of the same name that is gone takes it for that.
[[nodiscard]] long long first_version();
void insert_server(soci::session& session, const Server& server);
/// With all that is kept of it: leases, sessions, tasks, tokens.
void delete_server(soci::session& session, const std::string& name);
/// Everything but name and time of creation; its version goes up by one.
void update_server(soci::session& session, const Server& server);

}  // namespace rescue::netboot::rows
