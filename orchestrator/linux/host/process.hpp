// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// This process for the kernel: its program file, its signals, its core dumps.

#include "core/clock.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace rescue::linux {

/// Path of the running program.
[[nodiscard]] std::string own_executable();

/// Forbids core dumps and tracing (this process holds passwords), ignores SIGPIPE, and blocks SIGTERM and SIGINT for
/// `wait_for_end`. Call it before any thread is started.
void harden_process();

/// Blocks until SIGTERM or SIGINT; calls `at_each_interval` repeatedly meanwhile.
void wait_for_end(Milliseconds interval, const std::function<void()>& at_each_interval);

/// Ends without destructors and handlers.
[[noreturn]] void exit_at_once();

}  // namespace rescue::linux
