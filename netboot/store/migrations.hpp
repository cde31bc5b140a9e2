// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The schema, as numbered steps that are only ever added to: any older database is brought up to date at start.

#include "netboot/store/sql_session.hpp"

namespace rescue::netboot {

/// What `migrate` leads to.
[[nodiscard]] int newest_schema() noexcept;

/// 0 for an empty database.
[[nodiscard]] int schema_of(soci::session& session);

/// Applies what is missing, each step in a transaction. Throws `precondition` when the schema is newer than ours.
void migrate(soci::session& session);

}  // namespace rescue::netboot
