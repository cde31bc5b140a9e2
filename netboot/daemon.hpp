// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// netbootd as a process: opens what the configuration names, serves until it is told to stop.

#include "netboot/config.hpp"

#include <string>

namespace rescue::netboot {

/// Blocks SIGTERM, SIGINT and SIGHUP in this thread and all that it starts: `serve` waits for them. Before any thread
/// starts.
void block_signals();

/// Serves until SIGTERM or SIGINT; then ends the requests that run. While a database on PostgreSQL can't be reached it
/// waits, and answers what needs none. SIGHUP reads `config_file` again, with no request
/// lost. With `port_file`, the port is written there.
void serve(Config config, const std::string& config_file, const std::string& port_file);

/// Makes a new admin token, worth more than all before it, and writes it to a new file of mode 0600.
/// Throws `conflict` when the file exists.
void write_admin_token(const Config& config, const std::string& path);

}  // namespace rescue::netboot
