// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How servers are written into the database. Inside a transaction only.

#include "netboot/domain/server.hpp"

#include <soci/soci.h>

namespace rescue::netboot::rows {

/// Throws `conflict` when another server has one of its MAC addresses, its UUID or its serial number.
void refuse_taken(soci::session& session, const Server& server);
/// Of a new server: at random, so that nobody who knows one of the same name that is gone takes it for that.
[[nodiscard]] long long first_version();
void insert_server(soci::session& session, const Server& server);
/// Everything but name and time of creation; its version goes up by one.
void update_server(soci::session& session, const Server& server);

}  // namespace rescue::netboot::rows
