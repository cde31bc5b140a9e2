// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Protocol of rescue-hold and its clients. One request per connection:
//   "status\n"  -> a line "major:minor path" for each disk, then "end"
//   "release\n" -> disks flushed and closed, socket removed; a line "failed path: why" for each disk that could not be
//                  flushed, then "released"; the holder ends
//   else        -> "unknown"

namespace rescue::linux::holder {

constexpr const char* status_request = "status";
constexpr const char* release_request = "release";
constexpr const char* end_of_status = "end";
constexpr const char* released = "released";
constexpr const char* failed = "failed ";

/// `rescue-hold --socket PATH DISK... --also DISK...`: --also names other paths to these disks. They are held read-only
/// and exclusively, and not listed. One that is in use is an error like a disk in use; one that can't be opened for
/// another reason is skipped.
constexpr const char* also_option = "--also";

/// `rescue-hold --try MODE DISK...` opens each disk briefly and holds nothing. Prints a line "errno path" for each that
/// could not be opened; ETIMEDOUT: not within `try_seconds`. Exits with 0.
constexpr const char* try_option = "--try";
constexpr const char* try_exclusive = "exclusive";  ///< like a claim, but read-only
constexpr const char* try_shared = "shared";        ///< only whether it answers
constexpr int try_seconds = 10;

/// Exit codes of rescue-hold, which exits when the disks are held (its child stays) or can't be.
enum ExitCode : int { holding = 0, not_held = 1, usage = 2, already_runs = 3 };

/// Start of the one line of `not_held` on stderr; "<path>: <errno> <its meaning>" follows.
constexpr const char* cannot_hold = "rescue-hold: cannot hold ";

}  // namespace rescue::linux::holder
