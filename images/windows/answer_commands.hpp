// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Commands that Setup runs on the installed Windows in its pass `specialize`, for what has no setting in an answer
// file.

#include "images/windows/answer_settings.hpp"

#include <string>
#include <vector>

namespace rescue::windows {

/// SAN policy OfflineAll: no disk but the one that Windows was started from comes online by itself.
constexpr unsigned san_offline_all = 3;

struct SetupCommand {
  std::string description;
  std::string line;  ///< at most 259 characters: Setup's limit for a path
};

/// Commands for the installed system, in their order. Each can be repeated and needs neither network nor a login. Setup
/// ignores their exit codes: the pass goes on after one that fails.
[[nodiscard]] std::vector<SetupCommand> specialize_commands(const AnswerSettings& settings);

/// Commands for Setup's own system, before it checks the machine: none for servers.
[[nodiscard]] std::vector<SetupCommand> setup_commands(const AnswerSettings& settings);

}  // namespace rescue::windows
