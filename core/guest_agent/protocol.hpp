// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest agent's JSON for running programs (QEMU guest agent protocol reference: guest-exec, guest-exec-status).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::agent {

constexpr std::size_t output_limit = 65'536;

struct CommandResult {
  int exit_code = 0;
  std::string output;  ///< stdout and stderr, printable lines, 64 KiB at most
};

[[nodiscard]] std::string ping_request();
/// Throws `usage` for an empty vector.
[[nodiscard]] std::string exec_request(const std::vector<std::string>& argv);
[[nodiscard]] std::string exec_status_request(std::int64_t pid);

/// Replies come from the guest, which is hostile: any unexpected content throws `guest_agent`.
[[nodiscard]] std::int64_t exec_reply(const std::string& reply);
/// None while the program runs. The exit code of a killed program is 128 + signal (129 to 255). Output is made
/// printable, line by line.
[[nodiscard]] std::optional<CommandResult> exec_status_reply(const std::string& reply);

}  // namespace rescue::agent
