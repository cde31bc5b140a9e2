// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The command `rescue-image sign`: checks a manifest, and signs it.

#include "images/tool/signing_options.hpp"

namespace rescue::tool {

void add_sign_command(CLI::App& app, Action& action);

}  // namespace rescue::tool
