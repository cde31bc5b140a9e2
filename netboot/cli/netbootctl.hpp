// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// netbootctl's command line.

#include <cstdio>

namespace rescue::netboot::cli {

/// Returns the exit code; results go to `out`, everything else to `err`.
[[nodiscard]] int run(int argc, const char* const* argv, std::FILE* out, std::FILE* err);

}  // namespace rescue::netboot::cli
