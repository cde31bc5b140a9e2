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

/// The port of a URL: the one it names, else its scheme's; 0 when it is no URL.
[[nodiscard]] std::uint16_t port_of_url(const std::string& url);

/// The numeric addresses of the host in a URL; none when it can't be resolved. May block for the resolver's time.
[[nodiscard]] std::vector<std::string> addresses_of_url(const std::string& url);

}  // namespace rescue::linux
