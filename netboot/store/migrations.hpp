// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The schema, as numbered steps that only grow: any older database is migrated at start.

#include "netboot/store/sql_session.hpp"

namespace rescue::netboot {

/// Schema that `migrate` produces.
[[nodiscard]] int newest_schema() noexcept;

/// 0 for an empty database.
[[nodiscard]] int schema_of(soci::session& session);

/// Applies missing steps, each in a transaction. Throws `precondition` if the schema is newer than ours.
void migrate(soci::session& session);

}  // namespace rescue::netboot
