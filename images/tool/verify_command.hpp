// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The command `rescue-image verify`.

#include <CLI/App.hpp>

#include <functional>

namespace rescue::image_tool {

/// Adds the command to `app`. When it is chosen, `action` becomes its work; `json` is read then.
void add_verify_command(CLI::App& app, const bool& json, std::function<int()>& action);

}  // namespace rescue::image_tool
