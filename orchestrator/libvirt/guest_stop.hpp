// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ways to end a guest, from the gentlest to the surest. Internal to the adapter.

#include "orchestrator/libvirt/link.hpp"
#include "orchestrator/ports/hypervisor.hpp"

#include <stop_token>
#include <string>

namespace rescue::libvirt {

/// Agent shutdown, ACPI button, destroy; each waits for libvirt's event until its deadline. Throws `hypervisor`.
domain::StopMethod stop_guest(Link& link, const std::string& guest, const ports::StopDeadlines& deadlines,
                              const std::stop_token& stop);

/// Ends the guest at once and returns once it is gone. No-op without the guest. Throws `hypervisor`.
void destroy_guest(Link& link, const std::string& guest);

}  // namespace rescue::libvirt
