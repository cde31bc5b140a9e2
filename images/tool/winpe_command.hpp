// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The command `rescue-image build winpe`.

#include <CLI/CLI.hpp>

#include <functional>

namespace rescue::tool {

/// Adds the command to `build`. When it is chosen, `action` runs it, and returns the exit code; its argument is --json.
void add_winpe_command(CLI::App& build, std::function<int(bool json)>& action);

}  // namespace rescue::tool
