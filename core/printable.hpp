// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Turns bytes of a peer (a guest, a BMC, a host agent) into text that is safe in a journal, in JSON, in a log line and
// on a terminal.

#include <string>
#include <string_view>

namespace rescue {

/// Returns one line of valid UTF-8 (RFC 3629), at most `most` bytes, for any bytes. Call it where the bytes come in.
/// - Runs of blanks and line breaks become one blank; both ends are trimmed.
/// - Invalid UTF-8 and control characters are written as "\x1b"; characters that are invisible or reverse text (zero
///   width, bidirectional controls, tags, fillers, noncharacters) as "\u202e".
/// - Longer text is cut between characters, and ends in "..." if there is room for it.
/// Idempotent except for cut text. Throws only std::bad_alloc; reads no more than it needs to fill `most`.
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t most);

/// Like `printable`, line by line: line feeds stay.
[[nodiscard]] std::string printable_lines(std::string_view bytes, std::size_t most);

}  // namespace rescue
