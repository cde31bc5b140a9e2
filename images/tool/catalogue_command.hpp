// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The command `rescue-image catalogue`: writes and signs the catalogue of a folder of images.

#include "images/tool/signing_options.hpp"

namespace rescue::tool {

void add_catalogue_command(CLI::App& app, Action& action);

}  // namespace rescue::tool
