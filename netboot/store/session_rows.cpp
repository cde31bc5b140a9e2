// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/session_rows.hpp"

#include "core/error.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/dialect.hpp"
#include "netboot/store/rows.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <soci/soci.h>

#include <sstream>

namespace rescue::netboot::rows {
namespace {

constexpr auto session_columns = "SELECT id, server, lease, boot, began_ms, heard_ms, ended_ms, revoked, phase, report,"
                                 " connection, sealed_ms, read_ms, command_id, command_kind, command_then,"
                                 " command_changes, command_ticket FROM sessions ";

AgentSession to_session(const soci::row& row) {
  AgentSession found{row.get<std::string>(0), ServerName::parse(row.get<std::string>(1)), row.get<long long>(2)};
  found.boot = static_cast<unsigned>(row.get<int>(3));
  found.began = from_column(row.get<long long>(4));
  found.heard = from_column(row.get<long long>(5));
  found.ended = time_or_none(row, 6);
  found.revoked = row.get<std::string>(7);
  found.phase = row.get<std::string>(8);
  found.report = row.get<std::string>(9);
  found.connection = row.get<std::string>(10);
  found.sealed = time_or_none(row, 11);
  found.read = time_or_none(row, 12);
  if (row.get_indicator(13) == soci::i_ok) {
    found.command = AgentCommand{row.get<long long>(13), row.get<std::string>(14), row.get<std::string>(15),
                                 row.get<std::string>(16)};
    if (const auto ticket = row.get<std::string>(17); !ticket.empty()) found.command->ticket = ticket_order_of(ticket);
  }
  return found;
}

std::optional<AgentSession> first_of(const soci::rowset<soci::row>& rows) {
  for (const auto& row : rows) return to_session(row);
  return std::nullopt;
}

[[noreturn]] void fail_unknown(const std::string& id) {
  throw Error(ErrorCode::not_found, fmt::format("there is no session '{}'", id));
}

/// A time or NULL as a parameter.
struct Column {
  explicit Column(const std::optional<WallTime>& time)
      : value(time ? to_column(*time) : 0), indicator(time ? soci::i_ok : soci::i_null) {}
  long long value;
  soci::indicator indicator;
};

}  // namespace

std::optional<AgentSession> find_session(soci::session& session, const std::string& id) {
  return first_of((session.prepare << session_columns << "WHERE id = :id", soci::use(id)));
}

AgentSession require_session(soci::session& session, const std::string& id) {
  if (auto found = find_session(session, id)) return *std::move(found);
  fail_unknown(id);
}

void lock_server_of_session(soci::session& session, const std::string& id) {
  std::string found;
  session << "SELECT servers.name FROM servers JOIN sessions ON sessions.server = servers.name WHERE sessions.id = :id"
          << dialect_of(session).lock_server,
      soci::use(id), soci::into(found);
  if (!session.got_data()) fail_unknown(id);
}

std::optional<AgentSession> session_of_lease(soci::session& session, long long lease) {
  return first_of((session.prepare << session_columns << "WHERE lease = :lease ORDER BY boot DESC", soci::use(lease)));
}

std::optional<AgentSession> session_of_boot(soci::session& session, long long lease, unsigned boot) {
  const auto number = static_cast<int>(boot);
  return first_of((session.prepare << session_columns << "WHERE lease = :lease AND boot = :boot", soci::use(lease),
                   soci::use(number)));
}

std::optional<AgentSession> latest_session(soci::session& session, const std::string& server) {
  return first_of((session.prepare << session_columns << "WHERE server = :server ORDER BY lease DESC, boot DESC",
                   soci::use(server)));
}

std::vector<AgentSession> sessions_listened_to(soci::session& session, const std::string& server) {
  const soci::rowset<soci::row> rows =
      (session.prepare << session_columns << "WHERE server = :server AND revoked = '' ORDER BY lease, boot",
       soci::use(server));
  std::vector<AgentSession> found;
  for (const auto& row : rows) found.push_back(to_session(row));
  return found;
}

void insert_session(soci::session& session, const AgentSession& made, const std::string& agent_hash) {
  const auto boot = static_cast<int>(made.boot);
  const auto began = to_column(made.began);
  const auto heard = to_column(made.heard);
  session << "INSERT INTO sessions (id, server, lease, boot, agent_hash, began_ms, heard_ms, revoked, phase, report,"
             " connection, sealed)"
             " VALUES (:id, :server, :lease, :boot, :hash, :began, :heard, '', :phase, :report, :connection, '')",
      soci::use(made.id), soci::use(made.server.text()), soci::use(made.lease), soci::use(boot), soci::use(agent_hash),
      soci::use(began), soci::use(heard), soci::use(made.phase), soci::use(made.report), soci::use(made.connection);
}

void update_session(soci::session& session, const AgentSession& changed) {
  const auto heard = to_column(changed.heard);
  Column ended(changed.ended);
  const auto command = changed.command.value_or(AgentCommand{});
  const auto ticket = command.ticket ? to_json(*command.ticket).dump() : std::string{};
  auto has_command = changed.command ? soci::i_ok : soci::i_null;
  session << "UPDATE sessions SET heard_ms = :heard, ended_ms = :ended, revoked = :revoked, phase = :phase,"
             " report = :report, connection = :connection, command_id = :command_id, command_kind = :command_kind,"
             " command_then = :command_then, command_changes = :command_changes,"
             " command_ticket = :command_ticket WHERE id = :id",
      soci::use(heard), soci::use(ended.value, ended.indicator), soci::use(changed.revoked), soci::use(changed.phase),
      soci::use(changed.report), soci::use(changed.connection), soci::use(command.id, has_command),
      soci::use(command.kind, has_command), soci::use(command.then, has_command), soci::use(command.changes),
      soci::use(ticket), soci::use(changed.id);
}

void put_credentials(soci::session& session, const std::string& id, const std::string& sealed, WallTime now) {
  const auto when = to_column(now);
  session << "UPDATE sessions SET sealed = :sealed, sealed_ms = :when, read_ms = NULL WHERE id = :id",
      soci::use(sealed), soci::use(when), soci::use(id);
}

std::string take_credentials(soci::session& session, const std::string& id, WallTime now) {
  std::string sealed;
  session << "SELECT sealed FROM sessions WHERE id = :id", soci::use(id), soci::into(sealed);
  const auto read = to_column(now);
  session << "UPDATE sessions SET sealed = '', read_ms = :read WHERE id = :id", soci::use(read), soci::use(id);
  return sealed;
}

std::string agent_hash_of(soci::session& session, const std::string& id) {
  std::string hash;
  session << "SELECT agent_hash FROM sessions WHERE id = :id", soci::use(id), soci::into(hash);
  return hash;
}

RescueRequest request_of_lease(soci::session& session, long long lease) {
  RescueRequest request;
  // Leases of before schema 2 have no request: the defaults apply.
  std::string keys;
  int link = 0;
  std::string code(name_of(request.code));
  session << "SELECT on_shutdown, disk_mode, ending, image, public_key, notify_address, notify_language, keyboard,"
             " ssh_keys, request_id, link, code, auth FROM rescue_requests WHERE lease = :lease",
      soci::use(lease), soci::into(request.on_shutdown), soci::into(request.disk_mode), soci::into(request.then),
      soci::into(request.image), soci::into(request.public_key), soci::into(request.notify_address),
      soci::into(request.notify_language), soci::into(request.keyboard), soci::into(keys),
      soci::into(request.request_id), soci::into(link), soci::into(code), soci::into(request.auth);
  request.link = link != 0;
  request.code = parse_word<contract::CodePolicy>(code).value_or(request.code);
  std::istringstream lines(keys);
  for (std::string line; std::getline(lines, line);) request.ssh_keys.push_back(line);
  return request;
}

}  // namespace rescue::netboot::rows
