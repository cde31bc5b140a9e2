// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// libvirt's errors as ours, with hints. Internal to the adapter.

#include "core/error.hpp"

#include <string>

namespace rescue::libvirt {

/// Keeps libvirt from printing errors on stderr: they are thrown as exceptions. Process-wide.
void silence_libvirt();

/// libvirt's last error of this thread as `hypervisor`: "<what>: <libvirt's message>" with a hint by its code.
[[nodiscard]] Error virt_error(const std::string& what);

/// For calls of the guest agent: `guest_agent`; `timeout` when the agent does not answer; `hypervisor` when libvirt is
/// down.
[[nodiscard]] Error agent_error(const std::string& what);

/// virErrorNumber of this thread's last error, 0 without one.
[[nodiscard]] int last_error_code() noexcept;

/// Hint how to start libvirt.
[[nodiscard]] std::string start_libvirt_hint();

}  // namespace rescue::libvirt
