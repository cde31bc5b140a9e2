// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// How PostgreSQL is connected to: the operator's URL, the password from its file, and limits so that nothing hangs.

#include "core/secret.hpp"
#include "netboot/store/database_settings.hpp"

namespace rescue::netboot {

/// For libpq. Reads the password file. Throws `config_invalid` for a URL that libpq does not take, and what
/// `read_secret_file` throws.
[[nodiscard]] Secret connection_string(const DatabaseSettings& settings);

}  // namespace rescue::netboot
