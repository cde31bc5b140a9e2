// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of one-time links and of their visits. Inside a transaction only.

#include "netboot/domain/secret_link.hpp"
#include "netboot/store/sql_session.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::rows {

/// Inserts a link, and sets its number. `hash` is the SHA-256 of its name. Throws `conflict` for a name that is taken.
void insert_secret_link(soci::session& session, SecretLink& link, const std::string& hash);
[[nodiscard]] std::optional<SecretLink> secret_link_of_hash(soci::session& session, const std::string& hash);
[[nodiscard]] std::optional<SecretLink> find_secret_link(soci::session& session, long long id);
/// Throws `not_found`.
[[nodiscard]] SecretLink require_secret_link(soci::session& session, long long id);
/// The server's, latest first: those with a smaller number than `before`, `limit` at most.
[[nodiscard]] std::vector<SecretLink> secret_links_of(soci::session& session, const std::string& server,
                                                      long long before, std::size_t limit);
[[nodiscard]] int count_secret_links_since(soci::session& session, const std::string& server, WallTime since);

/// The links of host agents of this server that have neither been revealed nor revoked.
[[nodiscard]] std::vector<SecretLink> waiting_links_of_agents(soci::session& session, const std::string& server);

/// Locks the link for other writers until the transaction ends. Read it after this call to decide by it.
void lock_secret_link(soci::session& session, long long id);
/// Writes everything that changes after the link was made.
void update_secret_link(soci::session& session, const SecretLink& link);

/// Keeps a visit, unless very many of its kind are kept. Counts it in `link`; `update_secret_link` writes that. Returns
/// false if it is not kept.
bool add_secret_visit(soci::session& session, SecretLink& link, const Visit& visit);
/// In order of time.
[[nodiscard]] std::vector<Visit> secret_visits_of(soci::session& session, long long id);

void delete_secret_links_of(soci::session& session, const std::string& server);

}  // namespace rescue::netboot::rows
