// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The guest agent's JSON for running programs (QEMU guest agent protocol reference: guest-exec, guest-exec-status)
// and writing files (guest-file-open, -write, -close).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::agent {

constexpr std::size_t output_limit = 65'536;
constexpr std::size_t file_part = 48'000;  ///< bytes of a file in one request

struct CommandResult {
  int exit_code = 0;
  std::string output;  ///< stdout and stderr, printable lines, 64 KiB at most
};

/// The argument vector with each "{name}" replaced by its value, once: a value is not searched again. Unknown names
/// stay.
[[nodiscard]] std::vector<std::string> filled(const std::vector<std::string>& argv,
                                              const std::map<std::string, std::string>& values);

[[nodiscard]] std::string ping_request();
/// Throws `usage` for an empty vector.
[[nodiscard]] std::string exec_request(const std::vector<std::string>& argv);
[[nodiscard]] std::string exec_status_request(std::int64_t pid);
/// Opens a file of the guest for writing, new or anew.
[[nodiscard]] std::string file_open_request(const std::string& path);
/// At most `file_part` bytes are written by one request.
[[nodiscard]] std::string file_write_request(std::int64_t handle, std::string_view bytes);
[[nodiscard]] std::string file_close_request(std::int64_t handle);

/// Replies come from the guest, which is hostile: any unexpected content throws `guest_agent`.
[[nodiscard]] std::int64_t exec_reply(const std::string& reply);
[[nodiscard]] std::int64_t file_open_reply(const std::string& reply);
/// Number of bytes that were written, from 1 to `asked`.
[[nodiscard]] std::size_t file_write_reply(const std::string& reply, std::size_t asked);
/// None while the program runs. The exit code of a killed program is 128 + signal (129 to 255). Output is made
/// printable, line by line.
[[nodiscard]] std::optional<CommandResult> exec_status_reply(const std::string& reply);

}  // namespace rescue::agent
