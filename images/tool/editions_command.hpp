// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The command `rescue-image editions`.

#include "images/tool/command.hpp"

namespace rescue::tool {

void add_editions_command(CLI::App& app, Action& action);

}  // namespace rescue::tool
