// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Looking servers up among many: a page at a time, in a handful of statements however large the page is.

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
  std::string mode;   ///< what they boot now; empty: anything
  std::string tag;    ///< the whole of it; empty: any
  std::string after;  ///< the name that the page before ended with
  std::size_t limit = 100;
  std::vector<std::string> only{};  ///< of these names; empty: of all
};

namespace rows {

/// By name, `query.limit` at most. Inside a transaction only.
[[nodiscard]] std::vector<Server> find_servers(soci::session& session, const ServerQuery& query,
                                               const LeaseLimits& limits, WallTime now);
/// The leases of these servers that nobody has ended.
[[nodiscard]] std::map<std::string, Lease> leases_of(soci::session& session, const std::vector<Server>& servers);

}  // namespace rows
}  // namespace rescue::netboot
