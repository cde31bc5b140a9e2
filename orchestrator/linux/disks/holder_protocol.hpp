// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What rescue-hold and its clients agree on. One request a connection:
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

/// `rescue-hold --socket PATH DISK... --also DISK...`: another path to one of the disks, held read-only and
/// exclusively, and never told of. One that is in use is an error as with the disks; one that can't be opened else is
/// left alone.
constexpr const char* also_option = "--also";

/// `rescue-hold --try MODE DISK...` opens each disk for a moment, and holds nothing. A line "errno path" on stdout for
/// each that could not be opened; ETIMEDOUT: not within `try_seconds`. Ends with 0.
constexpr const char* try_option = "--try";
constexpr const char* try_exclusive = "exclusive";  ///< as a claim would, but read-only
constexpr const char* try_shared = "shared";        ///< only whether it answers
constexpr int try_seconds = 10;

/// Exit codes of rescue-hold, which ends when the disks are held (its child goes on) or can't be.
enum ExitCode : int { holding = 0, not_held = 1, usage = 2, already_runs = 3 };

/// The one line on stderr of `not_held` begins so, then "<path>: <errno> <its meaning>".
constexpr const char* cannot_hold = "rescue-hold: cannot hold ";

}  // namespace rescue::linux::holder
