// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// This process as the kernel sees it: its program file, its signals, what it may leave in a core dump.

#include "core/clock.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace rescue::linux {

/// Path of the running program.
[[nodiscard]] std::string own_executable();

/// No core dumps and no tracing (this process holds passwords); SIGPIPE ignored; SIGTERM and SIGINT blocked, for
/// `wait_for_end`. To be called before any thread is started.
void harden_process();

/// Blocks until SIGTERM or SIGINT; calls `at_each_interval` in between.
void wait_for_end(Milliseconds interval, const std::function<void()>& at_each_interval);

/// Ends without destructors and handlers.
[[noreturn]] void exit_at_once();

}  // namespace rescue::linux
