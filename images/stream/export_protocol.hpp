// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Names and exit codes that rescue-export and its callers share.
//
// The lock file beside the socket has the pid of rescue-export, which holds an exclusive flock on it as long as it
// lives: the pid is valid only while the lock can't be taken. SIGTERM to it ends the export. The file stays.

namespace rescue::stream::exporter {

constexpr const char* plugin_name = "rescue-stream-plugin.so";
constexpr const char* lock_suffix = ".lock";
constexpr const char* log_suffix = ".log";

/// Exit codes of rescue-export, which exits when the image is served (its child stays) or can't be.
enum ExitCode : int { serving = 0, not_serving = 1, usage = 2, already_runs = 3 };

}  // namespace rescue::stream::exporter
