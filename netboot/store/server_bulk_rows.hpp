// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes many servers at once: prepares each statement once. Inside a transaction only.

#include "netboot/domain/server.hpp"
#include "netboot/store/sql_session.hpp"

#include <vector>

namespace rescue::netboot::rows {

/// Updates `known` and inserts `added`. Two servers may exchange cards, serial numbers or addresses.
void write_servers(soci::session& session, const std::vector<const Server*>& known,
                   const std::vector<const Server*>& added);

}  // namespace rescue::netboot::rows
