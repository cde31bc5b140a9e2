// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The command `rescue-image build`, with a subcommand for each system.

#include "images/tool/command.hpp"

namespace rescue::tool {

void add_build_command(CLI::App& app, Action& action);

}  // namespace rescue::tool
