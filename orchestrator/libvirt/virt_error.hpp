// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// libvirt's errors turned into ours at the call, with what to do about them. Internal to the adapter.

#include "core/error.hpp"

#include <string>

namespace rescue::libvirt {

/// Keeps libvirt from printing errors on stderr: they travel as exceptions. Process-wide.
void silence_libvirt();

/// libvirt's last error of this thread as `hypervisor`: "<what>: <libvirt's message>" with a hint by its code.
[[nodiscard]] Error virt_error(const std::string& what);

/// As above for calls of the guest agent: `guest_agent`, or `timeout` when the agent does not answer, or `hypervisor`
/// when it is libvirt itself that is away.
[[nodiscard]] Error agent_error(const std::string& what);

/// virErrorNumber of this thread's last error, 0 when there is none.
[[nodiscard]] int last_error_code() noexcept;

/// How to get libvirt back.
[[nodiscard]] std::string start_libvirt_hint();

}  // namespace rescue::libvirt
