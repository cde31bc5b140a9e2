// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Finds servers among many: a page at a time, in a few statements for any page size.

#include "netboot/domain/lease.hpp"
#include "netboot/domain/server.hpp"
#include "netboot/store/sql_session.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace rescue::netboot {

struct ServerQuery {
  std::string text;   ///< part of a name, MAC address (in any spelling), address, serial number, UUID or tag
  std::string mode;   ///< the current boot mode; empty: any
  std::string tag;    ///< a complete tag; empty: any
  std::string after;  ///< the last name of the previous page
  std::size_t limit = 100;
  std::vector<std::string> only{};  ///< of these names; empty: any
};

namespace rows {

/// Sorted by name, `query.limit` at most. Inside a transaction only.
[[nodiscard]] std::vector<Server> find_servers(soci::session& session, const ServerQuery& query,
                                               const LeaseLimits& limits, WallTime now);
/// The leases of these servers that were not ended.
[[nodiscard]] std::map<std::string, Lease> leases_of(soci::session& session, const std::vector<Server>& servers);

}  // namespace rows
}  // namespace rescue::netboot
