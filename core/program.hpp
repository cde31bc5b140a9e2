// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Outermost frame of a program: turns exceptions into a message on stderr and an exit code.

namespace rescue {

/// Returns what `run` returns. On an exception prints "error: ..." with its hint on stderr, and returns its exit code.
[[nodiscard]] int run_program(int argc, char** argv, int (*run)(int argc, char** argv));

}  // namespace rescue
