// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Text that a peer sent (a guest, a BMC, a host agent) is bytes. Here they become text that may stand in a journal, in
// JSON, in a log line and on a terminal.

#include <string>
#include <string_view>

namespace rescue {

/// One line of valid UTF-8 (RFC 3629), `most` bytes at most, for any bytes whatever. Call it where the bytes come in.
/// - Runs of blanks and line breaks become one blank; there is none at either end.
/// - A byte that is no UTF-8, and a control character, is written as "\x1b"; a character that can't be seen or turns
///   text around (zero width, bidirectional controls, tags, fillers, noncharacters) as "\u202e".
/// - What is longer is cut between characters, and ends in "..." where there is room for it.
/// Idempotent but for what was cut. Never throws but for memory; reads no more than it needs to fill `most`.
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t most);

/// As `printable`, line by line: line feeds stay.
[[nodiscard]] std::string printable_lines(std::string_view bytes, std::size_t most);

}  // namespace rescue
