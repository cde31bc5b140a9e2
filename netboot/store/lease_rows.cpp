// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/lease_rows.hpp"

#include "netboot/store/database.hpp"

#include <soci/soci.h>

namespace rescue::netboot::rows {

void update_boots(soci::session& session, const std::string& server, const Lease& lease) {
  const auto boots = static_cast<int>(lease.boots);
  const auto last = to_column(lease.last_boot.value());
  session << "UPDATE leases SET boots = :boots, last_boot_ms = :last WHERE server = :server AND ended_ms IS NULL",
      soci::use(boots), soci::use(last), soci::use(server);
}

void update_last_heard(soci::session& session, long long lease, WallTime now) {
  const auto heard = to_column(now);
  session << "UPDATE leases SET last_heard_ms = :heard WHERE id = :lease AND ended_ms IS NULL", soci::use(heard),
      soci::use(lease);
}

void update_end(soci::session& session, long long lease, WallTime end) {
  const auto expires = to_column(end);
  session << "UPDATE leases SET expires_ms = :expires WHERE id = :lease AND ended_ms IS NULL", soci::use(expires),
      soci::use(lease);
}

std::vector<std::string> servers_with_lease_end(soci::session& session, WallTime now, WallTime soon, int most) {
  const auto from = to_column(now);
  const auto until = to_column(soon);
  const soci::rowset<std::string> found =
      (session.prepare << "SELECT server FROM leases WHERE ended_ms IS NULL AND has_agent = 1 AND expires_ms > :from"
                          " AND expires_ms <= :until AND announced_end_ms <> expires_ms ORDER BY id LIMIT :most",
       soci::use(from), soci::use(until), soci::use(most));
  return {found.begin(), found.end()};
}

void announce_end(soci::session& session, const std::string& server, WallTime soon) {
  const auto until =
      to_column(soon);  // an extension that commits meanwhile has another end, which is not announced yet
  session << "UPDATE leases SET announced_end_ms = expires_ms WHERE server = :server AND ended_ms IS NULL"
             " AND expires_ms <= :until",
      soci::use(server), soci::use(until);
}

std::string reason_of_lease(soci::session& session, long long lease) {
  std::string reason;
  session << "SELECT reason FROM leases WHERE id = :lease", soci::use(lease), soci::into(reason);
  return reason;
}

std::string lease_ended_by(soci::session& session, long long lease) {
  std::string by;
  soci::indicator ended = soci::i_null;
  session << "SELECT ended_by FROM leases WHERE id = :lease", soci::use(lease), soci::into(by, ended);
  return session.got_data() && ended == soci::i_ok ? by : std::string{};
}

}  // namespace rescue::netboot::rows
