// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/service_manager.hpp"

#include <systemd/sd-daemon.h>

namespace rescue::service_manager {

int inherited_socket() { return ::sd_listen_fds(1) > 0 ? SD_LISTEN_FDS_START : -1; }

void ready() { ::sd_notify(0, "READY=1"); }
void stopping() { ::sd_notify(0, "STOPPING=1"); }
void alive() { ::sd_notify(0, "WATCHDOG=1"); }

Milliseconds watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(0, &microseconds) <= 0) return std::chrono::hours(1);
  return std::chrono::duration_cast<Milliseconds>(std::chrono::microseconds(microseconds / 2));
}

}  // namespace rescue::service_manager
