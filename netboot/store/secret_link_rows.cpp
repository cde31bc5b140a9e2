// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/secret_link_rows.hpp"

#include "core/error.hpp"
#include "netboot/store/database.hpp"
#include "netboot/store/rows.hpp"

#include <fmt/format.h>
#include <soci/soci.h>

#include <utility>

namespace rescue::netboot::rows {
namespace {

// Reads the number as text: engines disagree on the type of a numbered key.
constexpr auto link_columns =
    "SELECT CAST(id AS TEXT), server, made_by, created_ms, expires_ms, needs_code, box, wrong_codes, opened, refused,"
    " revealed_ms, revealed_to, revoked_ms, revoked_by, session, sealed_code, sending FROM secret_links ";

SecretLink to_link(const soci::row& row) {
  SecretLink link{std::stoll(row.get<std::string>(0)),
                  ServerName::parse(row.get<std::string>(1)),
                  row.get<std::string>(2),
                  from_column(row.get<long long>(3)),
                  from_column(row.get<long long>(4)),
                  row.get<int>(5) != 0,
                  row.get<std::string>(6),
                  row.get<int>(7),
                  row.get<int>(8),
                  row.get<int>(9)};
  link.revealed = time_or_none(row, 10);
  link.revealed_to = row.get<std::string>(11);
  link.revoked = time_or_none(row, 12);
  link.revoked_by = row.get<std::string>(13);
  link.session = row.get<std::string>(14);
  link.sealed_code = row.get<std::string>(15);
  link.sending = parse_word<LinkSending>(row.get<std::string>(16)).value_or(LinkSending::not_asked);
  return link;
}

std::vector<SecretLink> links_in(const soci::rowset<soci::row>& found) {
  std::vector<SecretLink> links;
  for (const auto& row : found) links.push_back(to_link(row));
  return links;
}

std::optional<SecretLink> first_link_in(const soci::rowset<soci::row>& found) {
  auto links = links_in(found);
  return links.empty() ? std::nullopt : std::optional(std::move(links.front()));
}

/// A time that may be missing, as a column.
struct NullableTime {
  explicit NullableTime(const std::optional<WallTime>& time)
      : value(to_column(time.value_or(WallTime{}))), indicator(time ? soci::i_ok : soci::i_null) {}
  long long value;
  soci::indicator indicator;
};

}  // namespace

void insert_secret_link(soci::session& session, SecretLink& link, const std::string& hash) {
  if (secret_link_of_hash(session, hash)) {
    throw Error(ErrorCode::conflict, "there is already a secret of this name", "Seal it again under a new name.");
  }
  const auto created = to_column(link.created);
  const auto expires = to_column(link.expires);
  const int needs_code = link.needs_code ? 1 : 0;
  const std::string sending(name_of(link.sending));
  session << "INSERT INTO secret_links (hash, server, made_by, created_ms, expires_ms, needs_code, box, wrong_codes,"
             " opened, refused, revealed_to, revoked_by, session, sealed_code, sending) VALUES (:hash, :server, :by,"
             " :created, :expires, :code, :box, 0, 0, 0, '', '', :session, :sealed, :sending)",
      soci::use(hash), soci::use(link.server.text()), soci::use(link.made_by), soci::use(created), soci::use(expires),
      soci::use(needs_code), soci::use(link.box), soci::use(link.session), soci::use(link.sealed_code),
      soci::use(sending);
  session << "SELECT id FROM secret_links WHERE hash = :hash", soci::use(hash), soci::into(link.id);
}

std::optional<SecretLink> secret_link_of_hash(soci::session& session, const std::string& hash) {
  return first_link_in((session.prepare << link_columns << "WHERE hash = :hash", soci::use(hash)));
}

std::optional<SecretLink> find_secret_link(soci::session& session, long long id) {
  return first_link_in((session.prepare << link_columns << "WHERE id = :id", soci::use(id)));
}

SecretLink require_secret_link(soci::session& session, long long id) {
  auto found = find_secret_link(session, id);
  if (found) return *std::move(found);
  throw Error(ErrorCode::not_found, fmt::format("there is no secret o-{}", id),
              "'netbootctl secret list SERVER' shows those of a server.");
}

std::vector<SecretLink> secret_links_of(soci::session& session, const std::string& server, long long before,
                                        std::size_t limit) {
  const auto most = static_cast<long long>(limit);
  return links_in(
      (session.prepare << link_columns << "WHERE server = :server AND id < :before ORDER BY id DESC LIMIT :most",
       soci::use(server), soci::use(before), soci::use(most)));
}

int count_secret_links_since(soci::session& session, const std::string& server, WallTime since) {
  const auto from = to_column(since);
  int made = 0;
  session << "SELECT COUNT(*) FROM secret_links WHERE server = :server AND created_ms > :since", soci::use(server),
      soci::use(from), soci::into(made);
  return made;
}

std::vector<SecretLink> waiting_links_of_agents(soci::session& session, const std::string& server) {
  return links_in((session.prepare << link_columns
                                   << "WHERE server = :server AND session <> '' AND box <> ''"
                                      " AND revealed_ms IS NULL AND revoked_ms IS NULL ORDER BY id",
                   soci::use(server)));
}

void lock_secret_link(soci::session& session, long long id) {
  session << "UPDATE secret_links SET wrong_codes = wrong_codes WHERE id = :id", soci::use(id);
}

void update_secret_link(soci::session& session, const SecretLink& link) {
  NullableTime revealed(link.revealed);
  NullableTime revoked(link.revoked);
  const std::string sending(name_of(link.sending));
  session << "UPDATE secret_links SET box = :box, sealed_code = :sealed, sending = :sending, wrong_codes = :wrong,"
             " opened = :opened, refused = :refused, revealed_ms = :revealed, revealed_to = :to,"
             " revoked_ms = :revoked, revoked_by = :by WHERE id = :id",
      soci::use(link.box), soci::use(link.sealed_code), soci::use(sending), soci::use(link.wrong_codes),
      soci::use(link.opened), soci::use(link.refused), soci::use(revealed.value, revealed.indicator),
      soci::use(link.revealed_to), soci::use(revoked.value, revoked.indicator), soci::use(link.revoked_by),
      soci::use(link.id);
}

bool add_secret_visit(soci::session& session, SecretLink& link, const Visit& visit) {
  if (visit.kind != VisitKind::revealed) {
    auto& kept = visit.kind == VisitKind::opened ? link.opened : link.refused;
    if (kept >= most_visits_of_kind) return false;
    ++kept;
  }
  const std::string kind(name_of(visit.kind));
  const auto at = to_column(visit.at);
  session << "INSERT INTO secret_visits (link, at_ms, kind, address, reason)"
             " VALUES (:link, :at, :kind, :address, :reason)",
      soci::use(link.id), soci::use(at), soci::use(kind), soci::use(visit.address), soci::use(visit.reason);
  return true;
}

std::vector<Visit> secret_visits_of(soci::session& session, long long id) {
  std::vector<Visit> visits;
  std::string kind;
  long long at = 0;
  Visit visit;
  soci::statement select =
      (session.prepare << "SELECT at_ms, kind, address, reason FROM secret_visits WHERE link = :link ORDER BY id",
       soci::use(id), soci::into(at), soci::into(kind), soci::into(visit.address), soci::into(visit.reason));
  select.execute();
  while (select.fetch()) {
    visit.kind = parse_word<VisitKind>(kind).value_or(VisitKind::refused);
    visit.at = from_column(at);
    visits.push_back(visit);
  }
  return visits;
}

void delete_secret_links_of(soci::session& session, const std::string& server) {
  session << "DELETE FROM secret_visits WHERE link IN (SELECT id FROM secret_links WHERE server = :server)",
      soci::use(server);
  session << "DELETE FROM secret_links WHERE server = :server", soci::use(server);
}

}  // namespace rescue::netboot::rows
