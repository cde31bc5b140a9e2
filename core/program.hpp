// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The outermost frame of a program: whatever is thrown becomes a message on stderr and an exit code.

namespace rescue {

/// What `run` returns. For an exception: "error: ..." with its hint on stderr, and exit_code_of its code.
[[nodiscard]] int run_program(int argc, char** argv, int (*run)(int argc, char** argv));

}  // namespace rescue
