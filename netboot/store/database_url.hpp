// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The connection to PostgreSQL: the operator's URL, the password from its file, and limits for every wait.

#include "core/secret.hpp"
#include "netboot/store/database_settings.hpp"

namespace rescue::netboot {

/// The connection string for libpq. Reads the password file. Throws `config_invalid` for a URL that libpq rejects, and
/// what `read_secret_file` throws.
[[nodiscard]] Secret connection_string(const DatabaseSettings& settings);

}  // namespace rescue::netboot
