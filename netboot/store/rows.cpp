// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/rows.hpp"

#include "core/error.hpp"
#include "netboot/domain/acting.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/dialect.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

namespace rescue::netboot::rows {
namespace {

std::string text_or_empty(const soci::row& row, std::size_t column) {
  return row.get_indicator(column) == soci::i_ok ? row.get<std::string>(column) : std::string{};
}

[[noreturn]] void fail_unknown(const ServerName& name) {
  throw Error(ErrorCode::not_found, fmt::format("there is no server '{}'", name.text()),
              "'netbootctl server list' shows what there is.");
}

long long insert_lease(soci::session& session, const std::string& server, const Lease& lease) {
  const std::string mode(lease.mode.name());
  const std::string policy(name_of(lease.policy));
  const auto granted = to_column(lease.granted);
  const auto expires = to_column(lease.expires);
  const int has_agent = lease.has_agent ? 1 : 0;
  session << "INSERT INTO leases (server, mode, policy, requested_by, reason, granted_ms, expires_ms, boots, has_agent)"
             " VALUES (:server, :mode, :policy, :by, :reason, :granted, :expires, 0, :agent)",
      soci::use(server), soci::use(mode), soci::use(policy), soci::use(lease.requested_by), soci::use(lease.reason),
      soci::use(granted), soci::use(expires), soci::use(has_agent);
  long long id = 0;
  session << "SELECT id FROM leases WHERE server = :server AND ended_ms IS NULL", soci::use(server), soci::into(id);
  return id;
}

void insert_request(soci::session& session, long long lease, const RescueRequest& request) {
  const auto request_id = request.request_id.empty() ? current_request_id() : request.request_id;
  const auto keys = fmt::format("{}", fmt::join(request.ssh_keys, "\n"));
  const int link = request.link ? 1 : 0;
  const std::string code(name_of(request.code));
  session
      << "INSERT INTO rescue_requests (lease, on_shutdown, disk_mode, ending, image, public_key, notify_address,"
         " notify_language, keyboard, ssh_keys, request_id, link, code, auth) VALUES (:lease, :on_shutdown, :disk_mode,"
         " :ending, :image, :public_key, :address, :language, :keyboard, :keys, :request, :link, :code, :auth)",
      soci::use(lease), soci::use(request.on_shutdown), soci::use(request.disk_mode), soci::use(request.then),
      soci::use(request.image), soci::use(request.public_key), soci::use(request.notify_address),
      soci::use(request.notify_language), soci::use(request.keyboard), soci::use(keys), soci::use(request_id),
      soci::use(link), soci::use(code), soci::use(request.auth);
}

}  // namespace

std::optional<WallTime> time_or_none(const soci::row& row, std::size_t column) {
  if (row.get_indicator(column) != soci::i_ok) return std::nullopt;
  return from_column(row.get<long long>(column));
}

const char* const lease_columns =
    "SELECT server, mode, policy, requested_by, reason, granted_ms, expires_ms, boots, last_boot_ms,"
    " last_heard_ms, id, has_agent FROM leases WHERE ended_ms IS NULL";

const char* const server_columns = "SELECT name, firmware, address, loader, created_ms, uuid, serial, notes, version"
                                   " FROM servers ";

const char* const bmc_columns = "SELECT server, address, port, login, cipher_suite, sealed_password, kind, fingerprint,"
                                " ca, computer_system FROM bmcs";

Server to_server(const soci::row& row) {
  Server server{ServerName::parse(row.get<std::string>(0)), {}, Firmware::uefi, {}, {}, {}};
  server.firmware = row.get<std::string>(1) == name_of(Firmware::bios) ? Firmware::bios : Firmware::uefi;
  server.address = row.get<std::string>(2);
  server.loader = row.get<std::string>(3);
  server.created = from_column(row.get<long long>(4));
  server.uuid = text_or_empty(row, 5);
  server.serial = text_or_empty(row, 6);
  server.notes = row.get<std::string>(7);
  server.version = row.get<long long>(8);
  return server;
}

Lease to_lease(const soci::row& row) {
  Lease lease;
  lease.mode = boot_mode_of(row.get<std::string>(1));
  lease.policy = lease_policy_of(row.get<std::string>(2));
  lease.requested_by = row.get<std::string>(3);
  lease.reason = row.get<std::string>(4);
  lease.granted = from_column(row.get<long long>(5));
  lease.expires = from_column(row.get<long long>(6));
  lease.boots = static_cast<unsigned>(row.get<int>(7));
  lease.last_boot = time_or_none(row, 8);
  lease.last_heard = time_or_none(row, 9);
  lease.id = whole_number(row, 10);
  lease.has_agent = row.get<int>(11) != 0;
  return lease;
}

BmcEndpoint to_bmc(const soci::row& row) {
  BmcEndpoint bmc{row.get<std::string>(1), static_cast<std::uint16_t>(row.get<int>(2)), row.get<std::string>(3),
                  static_cast<unsigned>(row.get<int>(4)), row.get<std::string>(5)};
  bmc.kind = row.get<std::string>(6) == name_of(BmcKind::redfish) ? BmcKind::redfish : BmcKind::ipmi;
  bmc.fingerprint = row.get<std::string>(7);
  bmc.ca = row.get<std::string>(8);
  bmc.system = row.get<std::string>(9);
  return bmc;
}

std::optional<Server> find_server(soci::session& session, const std::string& name) {
  std::optional<Server> found;
  const soci::rowset<soci::row> servers = (session.prepare << server_columns << "WHERE name = :name", soci::use(name));
  for (const auto& row : servers) found = to_server(row);
  if (!found) return found;
  const soci::rowset<std::string> macs =
      (session.prepare << "SELECT mac FROM server_macs WHERE server = :name ORDER BY position", soci::use(name));
  for (const auto& mac : macs) found->macs.push_back(MacAddress::parse(mac));
  const soci::rowset<soci::row> bmcs = (session.prepare << bmc_columns << " WHERE server = :server", soci::use(name));
  for (const auto& row : bmcs) found->bmc = to_bmc(row);
  const soci::rowset<std::string> tags =
      (session.prepare << "SELECT tag FROM server_tags WHERE server = :name ORDER BY tag", soci::use(name));
  for (const auto& tag : tags) found->tags.push_back(tag);
  return found;
}

Server require_server(soci::session& session, const ServerName& name) {
  if (auto server = find_server(session, name.text())) return *std::move(server);
  fail_unknown(name);
}

void lock_server(soci::session& session, const ServerName& name) {
  std::string found;
  session << "SELECT name FROM servers WHERE name = :name" << dialect_of(session).lock_server, soci::use(name.text()),
      soci::into(found);
  if (!session.got_data()) fail_unknown(name);
}

std::vector<Server> all_servers(soci::session& session) {
  std::map<std::string, std::vector<MacAddress>> macs;
  const soci::rowset<soci::row> mac_rows =
      (session.prepare << "SELECT server, mac FROM server_macs ORDER BY server, position");
  for (const auto& row : mac_rows) {
    macs[row.get<std::string>(0)].push_back(MacAddress::parse(row.get<std::string>(1)));
  }
  std::map<std::string, BmcEndpoint> bmcs;
  const soci::rowset<soci::row> bmc_rows = (session.prepare << bmc_columns);
  for (const auto& row : bmc_rows) bmcs.emplace(row.get<std::string>(0), to_bmc(row));
  std::map<std::string, std::vector<std::string>> tags;
  const soci::rowset<soci::row> tag_rows =
      (session.prepare << "SELECT server, tag FROM server_tags ORDER BY server, tag");
  for (const auto& row : tag_rows) tags[row.get<std::string>(0)].push_back(row.get<std::string>(1));
  std::vector<Server> servers;
  const soci::rowset<soci::row> rows = (session.prepare << server_columns << "ORDER BY name");
  for (const auto& row : rows) {
    servers.push_back(to_server(row));
    auto& server = servers.back();
    server.macs = std::move(macs[server.name.text()]);
    if (const auto found = tags.find(server.name.text()); found != tags.end()) server.tags = std::move(found->second);
    if (const auto bmc = bmcs.find(server.name.text()); bmc != bmcs.end()) server.bmc = bmc->second;
  }
  return servers;
}

std::optional<std::string> owner_of(soci::session& session, const MacAddress& mac) {
  std::string server;
  session << "SELECT server FROM server_macs WHERE mac = :mac", soci::use(mac.text()), soci::into(server);
  return session.got_data() ? std::optional(std::move(server)) : std::nullopt;
}

std::optional<Lease> current_lease(soci::session& session, const std::string& server) {
  std::optional<Lease> found;
  const soci::rowset<soci::row> rows = (session.prepare << lease_columns << " AND server = :server", soci::use(server));
  for (const auto& row : rows) found = to_lease(row);
  return found;
}

std::map<std::string, Lease> current_leases(soci::session& session) {
  std::map<std::string, Lease> leases;
  const soci::rowset<soci::row> rows = (session.prepare << lease_columns);
  for (const auto& row : rows) leases.emplace(row.get<std::string>(0), to_lease(row));
  return leases;
}

void put_bmc(soci::session& session, const std::string& server, const std::optional<BmcEndpoint>& bmc) {
  session << "DELETE FROM bmcs WHERE server = :server", soci::use(server);
  if (!bmc) return;
  const int port = bmc->port;
  const auto suite = static_cast<int>(bmc->cipher_suite);
  const std::string kind(name_of(bmc->kind));
  session << "INSERT INTO bmcs (server, address, port, login, cipher_suite, sealed_password, kind, fingerprint, ca,"
             " computer_system)"
             " VALUES (:server, :address, :port, :login, :suite, :sealed, :kind, :fingerprint, :ca, :system)",
      soci::use(server), soci::use(bmc->address), soci::use(port), soci::use(bmc->user), soci::use(suite),
      soci::use(bmc->sealed_password), soci::use(kind), soci::use(bmc->fingerprint), soci::use(bmc->ca),
      soci::use(bmc->system);
}

Lease grant_lease(soci::session& session, const std::string& server, const LeaseRequest& request, WallTime now) {
  end_current_lease(session, server, now, "replaced by " + request.requested_by);
  Lease lease{request.mode, request.policy, request.requested_by, request.reason, now, now + request.time_to_live, 0,
              std::nullopt};
  lease.has_agent = request.has_agent;
  lease.id = insert_lease(session, server, lease);
  insert_request(session, lease.id, request.rescue);
  return lease;
}

void end_current_lease(soci::session& session, const std::string& server, WallTime now, const std::string& ended_by) {
  const auto ended = to_column(now);
  session << "UPDATE leases SET ended_ms = :ended, ended_by = :by WHERE server = :server AND ended_ms IS NULL",
      soci::use(ended), soci::use(ended_by), soci::use(server);
}

}  // namespace rescue::netboot::rows
