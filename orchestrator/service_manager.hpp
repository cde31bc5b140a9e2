// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// systemd: readiness, watchdog and socket activation. Without systemd every call is a no-op.

#include "core/clock.hpp"

namespace rescue::service_manager {

/// A listening socket handed over by socket activation, or -1.
[[nodiscard]] int inherited_socket();

void ready();
void stopping();
void alive();

/// Limit of the time between two calls of `alive`; long without a watchdog.
[[nodiscard]] Milliseconds watchdog_interval();

}  // namespace rescue::service_manager
