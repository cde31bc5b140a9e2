// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Asks for a secret on the terminal.

#include "core/secret.hpp"

#include <string_view>

namespace rescue::netboot::cli {

/// Prints `prompt` to the process' terminal and reads a line without echo, whatever standard input and output are.
/// Blocks until it is entered. Throws `usage` without a terminal, `cancelled` for Ctrl-C and the end of input.
[[nodiscard]] Secret asked_without_echo(std::string_view prompt);

}  // namespace rescue::netboot::cli
