// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// systemd, where it runs: readiness, watchdog, a socket that it opened for us. Without it every call does nothing.

#include "core/clock.hpp"

namespace rescue::service_manager {

/// A listening socket handed over by socket activation, or -1.
[[nodiscard]] int inherited_socket();

void ready();
void stopping();
void alive();

/// How often `alive` is expected at least; a long time without a watchdog.
[[nodiscard]] Milliseconds watchdog_interval();

}  // namespace rescue::service_manager
