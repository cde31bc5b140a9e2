// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rows of console passes, and of the consoles that were opened with them. Inside a transaction only.

#include "netboot/domain/console.hpp"
#include "netboot/store/sql_session.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot::rows {

/// Inserts a pass, and sets its number. `hash` is its SHA-256.
void insert_console_pass(soci::session& session, ConsolePass& pass, const std::string& hash);
[[nodiscard]] std::optional<ConsolePass> console_pass_of_hash(soci::session& session, const std::string& hash);
/// Throws `not_found`.
[[nodiscard]] ConsolePass require_console_pass(soci::session& session, long long id);
/// The session's, latest first, `limit` at most.
[[nodiscard]] std::vector<ConsolePass> console_passes_of(soci::session& session, const std::string& of,
                                                         std::size_t limit);
[[nodiscard]] int count_console_passes_since(soci::session& session, const std::string& of, WallTime since);
/// Locks the pass for other writers until the transaction ends. Read it after this call to decide by it.
void lock_console_pass(soci::session& session, long long id);
/// Writes everything that changes after the pass was made.
void update_console_pass(soci::session& session, const ConsolePass& pass);

/// Inserts a viewer, and sets its number.
void insert_console_viewer(soci::session& session, ConsoleViewer& viewer, const std::string& resume_hash);
/// The viewer whose present token, or the one before, has this hash.
[[nodiscard]] std::optional<ConsoleViewer> console_viewer_of_resume(soci::session& session, const std::string& hash);
[[nodiscard]] std::optional<ConsoleViewer> find_console_viewer(soci::session& session, long long id);
/// The session's that have not ended, in the order of their opening.
[[nodiscard]] std::vector<ConsoleViewer> open_console_viewers_of(soci::session& session, const std::string& of);
/// Those that have not ended, and broke before the first time, or were not confirmed since the second one; some of
/// them.
[[nodiscard]] std::vector<ConsoleViewer> silent_console_viewers(soci::session& session, WallTime broken, WallTime seen);
/// Writes everything that changes after the opening, but not the tokens.
void update_console_viewer(soci::session& session, const ConsoleViewer& viewer);
/// Sets the hash of the next token. The used one stays valid until the next is used: the answer to it may be lost.
void replace_resume_token(soci::session& session, long long id, const std::string& used, const std::string& next);
/// Confirms that this connection of the console is open.
void touch_console_viewer(soci::session& session, long long id, int connection, WallTime now);

void delete_consoles_of(soci::session& session, const std::string& server);

}  // namespace rescue::netboot::rows
