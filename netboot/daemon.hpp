// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// netbootd as a process: opens the configured resources and serves until it is stopped.

#include "netboot/config.hpp"

#include <string>

namespace rescue::netboot {

/// Blocks SIGTERM, SIGINT and SIGHUP in this thread and all that it starts: `serve` waits for them. Call it before any
/// thread starts.
void block_signals();

/// Serves until SIGTERM or SIGINT, then completes running requests. While PostgreSQL can't be reached it waits, and
/// answers requests that need no database. SIGHUP reloads `config_file` without losing requests. Writes the port to
/// `port_file`, if given.
void serve(Config config, const std::string& config_file, const std::string& port_file);

/// Makes a new admin token, which revokes those made by earlier calls, and writes it to a new file of mode 0600.
/// Throws `conflict` when the file exists.
void write_admin_token(const Config& config, const std::string& path);

}  // namespace rescue::netboot
