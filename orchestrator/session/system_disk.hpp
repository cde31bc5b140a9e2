// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Keeps the guest's disks usable: its image readable, its throw-away disk and the overlays of the server's disks with
// room. QEMU pauses a guest whose system disk fails, or whose overlay is full; nobody else resumes it.

#include "orchestrator/session/context.hpp"

#include <string>

namespace rescue::session {

/// Folder of a file.
[[nodiscard]] std::string folder_of(const std::string& path);

struct SystemDiskState {
  bool paused = false;    ///< the guest is paused, or was resumed just now
  bool changed = false;   ///< the record has changed
  std::string waits_for;  ///< what the guest waits for, for the status; empty: nothing
};

/// Restarts what serves the image, gives a full throw-away disk more memory if the host has some to spare, resumes a
/// paused guest as soon as its disk works, and keeps the record's warnings true. Meant to be called every few seconds.
/// Throws `hypervisor` when the guest's state can't be read.
SystemDiskState look_after_system_disk(SessionContext& context);

/// The same for a step that waits for the guest: returns `waits_for`. Ignores a hypervisor that does not answer.
std::string obstacle_of_system_disk(SessionContext& context);

}  // namespace rescue::session
