// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server's state for the audit log: settings and work in progress, without secrets.

#include "netboot/store/sql_session.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace rescue::netboot::rows {

/// Null if there is no such server.
[[nodiscard]] nlohmann::json snapshot_of(soci::session& session, const std::string& server);

}  // namespace rescue::netboot::rows
