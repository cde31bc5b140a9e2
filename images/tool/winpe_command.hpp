// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The command `rescue-image build winpe`.

#include "images/tool/command.hpp"

namespace rescue::tool {

/// `build`: the command `rescue-image build`.
void add_winpe_command(CLI::App& build, Action& action);

}  // namespace rescue::tool
