// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/program.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

namespace rescue {

int run_program(int argc, char** argv, int (*run)(int argc, char** argv)) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    const auto report = report_of(error);
    fmt::print(stderr, "error: {}\n", report.one_line());
    if (!report.hint.empty()) fmt::print(stderr, "  hint: {}\n", report.hint);
    return exit_code_of(report.code);
  }
}

}  // namespace rescue
