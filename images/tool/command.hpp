// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Parts of each command of rescue-image. A command has a file of its own, with one function that adds it.

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>

namespace rescue::tool {

/// Runs the chosen command and returns the exit code; `json`: print the result as JSON.
using Action = std::function<int(bool json)>;

/// Path of a helper: installed beside this program.
[[nodiscard]] std::string beside(const char* name);

/// Adds an option for the path of a file.
CLI::Option* add_file(CLI::App& command, const char* name, std::string& path, const std::string& help);

/// Prints JSON to stdout; bytes of paths that are not UTF-8 are replaced.
void print(const nlohmann::ordered_json& json);
/// Prints text to stdout as it is.
void print(const std::string& text);

}  // namespace rescue::tool
